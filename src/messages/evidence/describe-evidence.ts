import { countCases, listSuites } from '../../evidence/count-cases.js';
import type { Evidence, Proof, SuiteRun, TestRun } from '../../evidence/evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import { describeEnding } from '../describe-ending.js';
import { describeApi } from './describe-api.js';
import { describeCoverage } from './describe-coverage.js';
import { describeQueries } from './describe-queries.js';
import { describeMigrations } from './migration-report.js';
import { describePackages } from './package-list.js';
import type { Section } from './section.js';

const maxListed = 20;
const maxFiles = 5;

/** Describes the evidence in Markdown, for pull requests and check runs. The worst comes first. */
export function describeEvidence(evidence: Evidence, untrusted: UntrustedText): string {
  const sections = [
    describeTests(evidence, untrusted),
    describeProof(evidence, untrusted),
    describeApi(evidence.api, untrusted),
    describeMigrations(evidence.migrations, untrusted),
    describeCoverage(evidence, untrusted),
    describeQueries(evidence.queries, untrusted),
    describePackages(evidence.packages, untrusted),
    describeFindings(evidence, untrusted),
    describeConditions(evidence, untrusted),
  ].filter((section) => section !== null);
  const worstFirst = [...sections.filter(({ isBad }) => isBad), ...sections.filter(({ isBad }) => !isBad)];
  const parts = [
    ...worstFirst.map(fold),
    hasMarks(evidence) ? '' : 'Scanned for credentials, protected paths, links and size: nothing found.',
    describeLeftOut(evidence, untrusted),
  ];
  return parts.filter(Boolean).join('\n\n');
}

function fold({ title, isBad, body }: Section): string {
  return `<details${isBad ? ' open' : ''}><summary>${isBad ? '⚠️ ' : ''}${title}</summary>\n\n${body}\n\n</details>`;
}

function describeTests(evidence: Evidence, untrusted: UntrustedText): Section {
  const { before, after, comparison } = evidence;
  const run = after ?? before;
  const lists = testLists(evidence, untrusted);
  const isByTests = [before, after].some((one) => one && one.reportedBy !== 'runner');
  const source = comparison && isByTests ? reportedBy : '';
  const body = [testTable(evidence, untrusted), ...lists, source].filter(Boolean).join('\n\n');
  if (!run) return { title: 'Tests: none were found', isBad: true, body };
  const isBad =
    !after ||
    (comparison?.newlyFailing.length ?? 0) + (comparison?.removed.length ?? 0) > 0 ||
    listSuites(after).some((suite) => suite.notRun !== undefined || !endsWell(suite));
  const { passed, failed, skipped } = countCases(run.cases);
  const counts =
    run.granularity === 'per-test' ? `${passed} passed, ${failed} failed, ${skipped} skipped` : endOf(run);
  return { title: `Tests: ${counts}`, isBad, body };
}

/** Code of the change runs in the same processes as the reporters. */
const reportedBy = 'The results of single tests were reported by the tests themselves.';

/** Returns whether a command says that all is well. If it was stopped, its results decide. */
function endsWell({ ended, exitCode, counts }: SuiteRun): boolean {
  if (ended === 'did-not-exit') return counts.failed + counts.unloaded === 0;
  return ended === 'exited' && exitCode === 0;
}

function testTable({ before, after }: Evidence, untrusted: UntrustedText): string {
  if (!before && !after) return '**No tests were found in this repository, so none ran.**';
  const columns = 'passed | failed | skipped | ended | time |';
  const dashes = '| --- | --- | --- | --- | --- | --- |';
  const whens = [
    ['before, on the base commit', before],
    ['after, with the change', after],
  ] as const;
  if ((after ?? before)?.suites) {
    const rows = whens.flatMap(([when, run]) =>
      run
        ? listSuites(run).map(
            (suite) => `| ${when} | ${nameOf(suite, untrusted)} | ${rowOf(suite, untrusted)} |`,
          )
        : [],
    );
    return `| | command | ${columns}\n${dashes} --- |\n${rows.join('\n')}`;
  }
  const rows = whens.flatMap(([when, run]) =>
    run ? listSuites(run).map((suite) => `| ${when} | ${rowOf(suite, untrusted)} |`) : [],
  );
  const run = after ?? before;
  const head = `${untrusted.name(run?.command ?? '')} (${untrusted.line(run?.runner ?? '', 40)})`;
  return `${head}\n\n| | ${columns}\n${dashes}\n${rows.join('\n')}`;
}

function nameOf({ command, folder, runner }: SuiteRun, untrusted: UntrustedText): string {
  const place = folder === '' ? '' : ` in ${untrusted.name(folder)}`;
  return `${untrusted.name(command)}${place} (${untrusted.line(runner, 40)})`;
}

function rowOf(suite: SuiteRun, untrusted: UntrustedText): string {
  if (suite.notRun !== undefined) return `– | – | – | not run: ${untrusted.line(suite.notRun, 200)} | –`;
  const { passed, failed, skipped, unloaded } = suite.counts;
  const files = unloaded === 1 ? '1 file that did not load' : `${unloaded} files that did not load`;
  const bad = unloaded === 0 ? failed : failed === 0 ? files : `${failed} and ${files}`;
  const counts = suite.granularity === 'per-test' ? [passed, bad, skipped] : ['–', '–', '–'];
  return [...counts, endOf(suite), `${(suite.durationMs / 1000).toFixed(1)} s`].join(' | ');
}

function endOf(run: Pick<TestRun, 'ended' | 'exitCode'>): string {
  return run.ended === 'exited' ? `exit code ${run.exitCode}` : describeEnding(run.ended);
}

function testLists({ before, after, comparison, proof }: Evidence, untrusted: UntrustedText): string[] {
  if (!after) return [];
  if (!comparison) {
    const why = after.note ?? before?.note ?? 'this test runner does not write a machine-readable report';
    return [
      `Pullwright could read only the exit code, not the result of each test: ${untrusted.line(why, 300)}.`,
      endOfOutput(after, untrusted),
    ];
  }
  const silent = listSuites(after).filter(
    ({ granularity, exitCode }) => granularity === 'exit-code' && exitCode !== 0,
  );
  const proven = new Set(proof?.proves.map(({ id }) => id));
  const unproven = comparison.newlyPassing.filter((test) => !proven.has(test));
  const messages = new Map(after.cases.map(({ id, message }) => [id, message]));
  return [
    list(untrusted, 'Newly passing', unproven, { inProof: comparison.newlyPassing.length - unproven.length }),
    list(untrusted, '⚠️ Newly failing', comparison.newlyFailing, { messages }),
    list(untrusted, 'Failing before and after this change', comparison.failingBefore),
    list(untrusted, 'Flaky: two results on the same code, now or in an earlier run', comparison.flaky),
    list(untrusted, '⚠️ Ran before the change, but not after it', comparison.removed),
    ...silent.map((suite) => `${nameOf(suite, untrusted)}: ${endOfOutput(suite, untrusted)}`),
  ];
}

function describeProof({ proof }: Evidence, untrusted: UntrustedText): Section | null {
  if (!proof) return null;
  const { proves, needData, provesNothing, notComparable, flaky } = proof;
  const listWithMessages = (title: string, tests: Proof['proves']) => {
    const messages = new Map(tests.map(({ id, message }) => [id, message]));
    return list(untrusted, title, [...messages.keys()], { messages });
  };
  const data = proof.data.slice(0, maxFiles).map((file) => untrusted.name(file));
  const more = proof.data.length > maxFiles ? ` and ${proof.data.length - maxFiles} more` : '';
  const body = [
    listWithMessages('These new or changed tests fail without the change and pass with it', proves),
    list(
      untrusted,
      `These tests fail without the change, but its files without code suffice: ${data.join(', ')}${more}`,
      needData,
    ),
    list(untrusted, 'No proof: these new tests also pass without the change', provesNothing),
    listWithMessages(
      'No proof: without the change, these tests fail for want of something else than the product',
      notComparable,
    ),
    list(untrusted, 'No proof: these tests are flaky', flaky),
    proof.note ? untrusted.line(proof.note, 300) : '',
  ]
    .filter(Boolean)
    .join('\n\n');
  if (body === '') return null;
  const tests = proves.length === 1 ? '1 test fails' : `${proves.length} tests fail`;
  const title =
    proves.length > 0
      ? `Proof: ${tests} without the change and ${proves.length === 1 ? 'passes' : 'pass'} with it`
      : 'Proof: no new or changed test shows what the change does';
  return { title, isBad: proves.length === 0, body };
}

function hasMarks({ findings }: Evidence): boolean {
  return findings.some(({ severity }) => severity === 'mark');
}

function describeFindings(evidence: Evidence, untrusted: UntrustedText): Section | null {
  if (!hasMarks(evidence)) return null;
  const marked = evidence.findings.filter(({ severity }) => severity === 'mark');
  const places = marked.slice(0, maxListed).map(({ path, line, says }) => {
    // The text can contain names from the change, for example of scripts in package.json.
    return `- ${untrusted.name(line ? `${path}:${line}` : path)} ${untrusted.line(says, 500)}`;
  });
  if (marked.length > maxListed) places.push(`- and ${marked.length - maxListed} more`);
  const howToAllow = marked.some(({ rule }) => rule === 'secret')
    ? '\n\nIf one of these places does not contain a credential, comment `/allow-secret <path>:<line>`.'
    : '';
  const title = `Scan: review ${marked.length === 1 ? '1 place' : `${marked.length} places`} with care`;
  return { title, isBad: true, body: `${places.join('\n')}${howToAllow}` };
}

/** Lists what the agent's tree contained and the change does not. */
function describeLeftOut({ leftOut }: Evidence, untrusted: UntrustedText): string {
  if (leftOut.length === 0) return '';
  const names = leftOut.slice(0, maxFiles).map((path) => untrusted.name(path));
  if (leftOut.length > maxFiles) names.push(`and ${leftOut.length - maxFiles} more`);
  return `Left out of this change, because the tests or other tools wrote them: ${names.join(', ')}.`;
}

/**
 * Says under which conditions the measurements were made: how the test command ran, if that differs from how
 * a person would run it, and the notes of the evidence.
 */
function describeConditions({ before, after, notes }: Evidence, untrusted: UntrustedText): Section | null {
  const remark = after?.remark ?? before?.remark;
  const lines = [...(remark ? [remark] : []), ...notes].map((note) => `- ${untrusted.line(note, 500)}`);
  if (lines.length === 0) return null;
  return { title: 'Notes on these measurements', isBad: false, body: lines.join('\n') };
}

/**
 * Returns the end of the output of the tests, which may show what ran and what failed. Used only if there are
 * no results of individual tests.
 */
function endOfOutput(run: Pick<TestRun, 'exitCode' | 'outputTail'>, untrusted: UntrustedText): string {
  const output = run.outputTail.trim();
  if (output === '') return '';
  return `The end of the output:

${untrusted.output(output, run.exitCode === 0 ? 600 : 1500)}`;
}

function list(
  untrusted: UntrustedText,
  title: string,
  tests: readonly string[],
  {
    inProof = 0,
    messages,
  }: {
    /** The number of further tests that this list omits because the proof lists them. */
    inProof?: number;
    messages?: ReadonlyMap<string, string | undefined>;
  } = {},
): string {
  if (tests.length + inProof === 0) return '';
  const shown = tests.slice(0, maxListed).map((test) => {
    const message = messages?.get(test)?.replace(/\s+/g, ' ').trim();
    return `- ${untrusted.name(test)}${message ? `: ${untrusted.line(message, 200)}` : ''}`;
  });
  if (tests.length > maxListed) shown.push(`- and ${tests.length - maxListed} more`);
  if (inProof > 0) shown.push(`- ${tests.length > 0 ? 'and ' : ''}${inProof} listed in the proof below`);
  return `**${title}** (${tests.length + inProof})\n\n${shown.join('\n')}`;
}
