import { listSuites } from '../evidence/count-cases.js';
import type { Evidence, Proof, SuiteRun, TestRun } from '../evidence/evidence.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { describeCoverage } from './describe-coverage.js';
import { describeEnding } from './describe-ending.js';
import { describeMigrations } from './migration-report.js';

const maxListed = 20;
const maxFiles = 5;

/** Describes the evidence in Markdown, for pull requests and check runs. */
export function describeEvidence(evidence: Evidence, untrusted: UntrustedText): string {
  const parts = [
    testTable(evidence, untrusted),
    ...testLists(evidence, untrusted),
    proofOf(evidence, untrusted),
    describeMigrations(evidence.migrations, untrusted),
    describeCoverage(evidence, untrusted),
    findingsOf(evidence, untrusted),
    leftOutOf(evidence, untrusted),
    remarkOf(evidence, untrusted),
    notesOf(evidence, untrusted),
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** Summarizes the evidence in one line, for check runs and comments. */
export function summarizeEvidence({ after, comparison, proof, coverage, mutations }: Evidence): string {
  if (!after) return 'No tests were found, so none ran.';
  if (!comparison) return describeWithoutResults(after);
  const counts = [
    `${comparison.newlyPassing.length} newly passing`,
    `${comparison.newlyFailing.length} newly failing`,
    `${comparison.stillPassing} still passing`,
    comparison.failingBefore.length > 0 ? `${comparison.failingBefore.length} still failing` : '',
    comparison.flaky.length > 0 ? `${comparison.flaky.length} flaky` : '',
    proof && proof.proves.length > 0 ? `${proof.proves.length} proven to fail without the change` : '',
    coverage && coverage.lines > 0 ? `${coverage.reached} of ${coverage.lines} changed lines tested` : '',
    mutations && mutations.tried > 0
      ? `${mutations.tried - mutations.unnoticed.length} of ${mutations.tried} small faults noticed`
      : '',
  ];
  return counts.filter(Boolean).join(', ');
}

function describeWithoutResults(after: TestRun): string {
  if (after.ended === 'did-not-exit') return 'The test command did not exit.';
  if (after.ended !== 'exited') return `The tests did not finish (${describeEnding(after.ended)}).`;
  return after.exitCode === 0 ? 'The tests pass.' : `The tests fail with exit code ${after.exitCode}.`;
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

function proofOf({ proof }: Evidence, untrusted: UntrustedText): string {
  if (!proof) return '';
  const listWithMessages = (title: string, tests: Proof['proves']) => {
    const messages = new Map(tests.map(({ id, message }) => [id, message]));
    return list(untrusted, title, [...messages.keys()], { messages });
  };
  const data = proof.data.slice(0, maxFiles).map((file) => untrusted.name(file));
  const more = proof.data.length > maxFiles ? ` and ${proof.data.length - maxFiles} more` : '';
  const parts = [
    listWithMessages(
      'Proof: these new or changed tests fail without the change and pass with it',
      proof.proves,
    ),
    list(
      untrusted,
      `These tests fail without the change, but its files without code suffice: ${data.join(', ')}${more}`,
      proof.needData,
    ),
    list(untrusted, 'No proof: these new tests also pass without the change', proof.provesNothing),
    listWithMessages(
      'No proof: without the change, these tests fail for want of something else than the product',
      proof.notComparable,
    ),
    list(untrusted, 'No proof: these tests are flaky', proof.flaky),
    proof.note ? untrusted.line(proof.note, 300) : '',
  ];
  return parts.filter(Boolean).join('\n\n');
}

function findingsOf({ findings }: Evidence, untrusted: UntrustedText): string {
  const marked = findings.filter(({ severity }) => severity === 'mark');
  if (marked.length === 0) return 'Scanned for credentials, protected paths, links and size: nothing found.';
  const places = marked.slice(0, maxListed).map(({ path, line, says }) => {
    // The text can contain names from the change, for example of scripts in package.json.
    return `- ${untrusted.name(line ? `${path}:${line}` : path)} ${untrusted.line(says, 500)}`;
  });
  const howToAllow = marked.some(({ rule }) => rule === 'secret')
    ? '\n\nIf one of these places does not contain a credential, comment `/allow-secret <path>:<line>`.'
    : '';
  return `The scan found something. Review these files with care.\n\n${places.join('\n')}${howToAllow}`;
}

/** Lists what the agent's tree contained and the change does not. */
function leftOutOf({ leftOut }: Evidence, untrusted: UntrustedText): string {
  if (leftOut.length === 0) return '';
  const names = leftOut.slice(0, maxFiles).map((path) => untrusted.name(path));
  if (leftOut.length > maxFiles) names.push(`and ${leftOut.length - maxFiles} more`);
  return `Left out of this change, because the tests or a build wrote them: ${names.join(', ')}.`;
}

/** Says how the test command ran, if that differs from how a person would run it. */
function remarkOf({ before, after }: Evidence, untrusted: UntrustedText): string {
  const remark = after?.remark ?? before?.remark;
  return remark ? untrusted.line(remark, 500) : '';
}

/**
 * Lists the notes of the evidence. They are not formatted as a quote, because quotes in a pull request
 * contain only the agent's text.
 */
function notesOf({ notes }: Evidence, untrusted: UntrustedText): string {
  if (notes.length === 0) return '';
  return `Notes:\n\n${notes.map((note) => `- ${untrusted.line(note, 500)}`).join('\n')}`;
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
