import type { MigrationStage, MigrationStatement, Migrations } from '../../evidence/migration-evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import { count } from './count.js';
import type { Section } from './section.js';

const maxStatements = 30;
const maxListed = 20;

/** Describes the rehearsal of migrations in Markdown. Returns null if the change touches none. */
export function describeMigrations(migrations: Migrations | null, untrusted: UntrustedText): Section | null {
  if (!migrations) return null;
  const { faults, damage, edited, notRehearsed, stages, rows } = migrations;
  const sentences = (texts: readonly string[], mark = '') =>
    texts.slice(0, maxListed).map((text) => `- ${mark}${untrusted.line(text, 500)}`);
  const bad = notRehearsed === null || edited.length > 0 ? sentences(faults, '⚠️ ') : [];
  const body = [
    `${untrusted.line(migrations.tool, 60)}: ${summarize(migrations, untrusted)}`,
    [...bad, ...sentences(damage)].join('\n'),
    notRehearsed === null ? details(migrations, untrusted) : '',
  ]
    .filter(Boolean)
    .join('\n\n');
  const failed = stages.find(({ error }) => error !== null);
  const way = stages.map(({ name }) => name).join(', ');
  const end = failed ? `failed ${failed.name}` : `${way} on ${count(rows, 'row')}`;
  return {
    title: `Migrations: ${notRehearsed === null ? end : 'not rehearsed'}`,
    isBad: bad.length + damage.length > 0 || failed !== undefined || notRehearsed !== null,
    body,
  };
}

function summarize(migrations: Migrations, untrusted: UntrustedText): string {
  const { notRehearsed, stages, rows, tables, statements, added, server } = migrations;
  if (notRehearsed !== null)
    return `not rehearsed, because ${untrusted.line(notRehearsed.replace(/\.$/, ''), 500)}.`;
  const failed = stages.some(({ error }) => error !== null);
  const way = stages.map(({ name }) => name).join(', ');
  const where = `${count(rows, 'row')} in ${count(tables, 'table')} of ${untrusted.line(server ?? '', 60)}`;
  const rewritten = new Set(statements.flatMap(({ rewrites }) => rewrites));
  const rewrites =
    rewritten.size === 0 ? 'no table was rewritten' : `${count(rewritten.size, 'table')} rewritten`;
  return `${count(added.length, 'migration')}, ${failed ? 'failed in' : 'passed'} ${way} on ${where}; ${rewrites}.`;
}

function details(migrations: Migrations, untrusted: UntrustedText): string {
  const { statements, stages, updates, schema, unfilled, notes, oldCode } = migrations;
  const list = (title: string, items: readonly string[], render: (item: string) => string) => {
    if (items.length === 0) return '';
    const lines = items.slice(0, maxListed).map((item) => `- ${render(item)}`);
    if (items.length > maxListed) lines.push(`- and ${items.length - maxListed} more`);
    return `${title}\n\n${lines.join('\n')}`;
  };
  const line = (text: string) => untrusted.line(text, 500);
  const name = (text: string) => untrusted.name(text.slice(0, 200));
  return [
    renderStatements(statements, untrusted),
    stages.map((stage) => renderStage(stage, untrusted)).join('\n'),
    list('Rows that statements changed:', updates, line),
    list('New in the schema:', schema.added, name),
    list('No longer in the schema:', schema.removed, name),
    oldCode ? renderOldCode(oldCode, untrusted) : '',
    list('Tables with fewer rows than intended:', unfilled, line),
    notes.map((note) => `- ${line(note)}`).join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function renderStatements(statements: readonly MigrationStatement[], untrusted: UntrustedText): string {
  if (statements.length === 0) return '';
  // A vertical line would end the cell.
  const cell = (text: string) => untrusted.name(text.replace(/\s+/g, ' ').slice(0, 200).replaceAll('|', '¦'));
  const rows = statements.slice(0, maxStatements).map(({ sql, locks, rewrites, durationMs, rows: on }) => {
    const held = locks.map(({ mode, table }) => `${lockWords[mode] ?? mode} on ${cell(table)}`);
    const written = rewrites.length === 0 ? 'no' : `⚠️ ${rewrites.map(cell).join(', ')}`;
    const time = durationMs === null ? 'failed' : `${durationMs.toFixed(1)} ms`;
    return `| ${cell(sql)} | ${held.join('; ') || '–'} | ${written} | ${time}${on === null ? '' : ` on ${count(on, 'row')}`} |`;
  });
  if (statements.length > maxStatements) rows.push(`| and ${statements.length - maxStatements} more | | | |`);
  return `| statement, as Postgres recorded it | locks on tables that were there | rewrites | time |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

/** Locks in words. Other names stay as they are. */
const lockWords: Record<string, string> = {
  'ACCESS EXCLUSIVE': 'ACCESS EXCLUSIVE (no reads, no writes)',
  EXCLUSIVE: 'EXCLUSIVE (no writes)',
  'SHARE ROW EXCLUSIVE': 'SHARE ROW EXCLUSIVE (no writes)',
  SHARE: 'SHARE (no writes)',
  'SHARE UPDATE EXCLUSIVE': 'SHARE UPDATE EXCLUSIVE (reads and writes go on)',
};

function renderStage({ name, command, durationMs, error }: MigrationStage, untrusted: UntrustedText): string {
  const what = command === null ? 'the SQL of the files' : untrusted.name(command);
  const end =
    error === null ? `${(durationMs / 1000).toFixed(1)} s` : `failed: ${untrusted.line(error, 300)}`;
  return `- ${name}: ${what}, ${end}`;
}

function renderOldCode(oldCode: NonNullable<Migrations['oldCode']>, untrusted: UntrustedText): string {
  const { passed, failing } = oldCode;
  const head = `The tests of the base commit, with its code, on the new schema: ${passed} pass as before`;
  if (failing.length === 0) return `${head}, none newly fails.`;
  const names = failing.slice(0, maxListed).map((test) => `- ${untrusted.name(test)}`);
  return `${head}, ⚠️ ${failing.length} newly ${failing.length === 1 ? 'fails' : 'fail'}. While the new version is rolled out, the old one still runs.\n\n${names.join('\n')}`;
}
