import { type Queries, repeatedMoreThan } from '../../evidence/query-evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import { count } from './count.js';
import type { Section } from './section.js';

const maxListed = 20;

/** Describes in Markdown the statements that the tests of the change ran. */
export function describeQueries(queries: Queries | null, untrusted: UntrustedText): Section | null {
  if (!queries) return null;
  const { server, tests, statements, common, changed, repeated, unindexed, notes } = queries;
  const name = (text: string) => untrusted.name(text);
  const body = [
    tests > 0
      ? `${untrusted.line(server, 60)} recorded ${count(statements, 'statement')} of ${count(tests, 'test')}, with the hooks before each test: all tests in files that the change edits, or that run changed lines. What the same tests do on the base commit is not listed.`
      : '',
    list(
      `⚠️ The same statement more than ${repeatedMoreThan} times in one test`,
      repeated.map(({ test, statement, times }) => `${times} times: ${name(statement)} in ${name(test)}`),
    ),
    list(
      '⚠️ A condition that no index serves, so the statement reads the whole table',
      unindexed.map(
        ({ test, statement, table, condition }) =>
          `${name(condition)} on ${name(table)}: ${name(statement)} in ${name(test)}`,
      ),
    ),
    common ? describeCommon(common) : '',
    list(
      'Tests that run another number of statements than on the base commit',
      changed.map(({ test, before, after }) => `${before} → ${after}: ${name(test)}`),
    ),
    ...notes.map((note) => untrusted.line(note, 500)),
  ];
  const title = [
    tests > 0 ? `${count(statements, 'statement')} in ${count(tests, 'test')}` : 'not recorded',
    repeated.length > 0 ? `${repeated.length} repeated` : '',
    unindexed.length > 0 ? `${unindexed.length} without an index` : '',
  ];
  return {
    title: `Database: ${title.filter(Boolean).join(', ')}`,
    isBad: repeated.length + unindexed.length > 0,
    body: body.filter(Boolean).join('\n\n'),
  };
}

function describeCommon({ tests, difference }: NonNullable<Queries['common']>): string {
  const number = count(Math.abs(difference), difference > 0 ? 'more statement' : 'fewer statement');
  return `${count(tests, 'test')} each run ${number} than on the base commit, for example because of a hook.`;
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const shown = lines.slice(0, maxListed).map((line) => `- ${line}`);
  if (lines.length > maxListed) shown.push(`- and ${lines.length - maxListed} more`);
  return `**${title}** (${lines.length})\n\n${shown.join('\n')}`;
}
