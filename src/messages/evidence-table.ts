import type { Evidence, TestRun } from '../evidence/evidence.js';
import { cleanWords, type Words } from '../text/old/words.js';

const maxListed = 20;

/** The evidence as people read it in a pull request and a check run. Everything in it was measured by us. */
export function describeEvidence(evidence: Evidence, words: Words = cleanWords): string {
  const parts = [
    testTable(evidence, words),
    ...testLists(evidence, words),
    proofOf(evidence, words),
    findingsOf(evidence, words),
    notesOf(evidence, words),
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** One line, for check runs and comments. */
export function summarizeEvidence({ after, comparison, proof }: Evidence): string {
  if (!after) return 'No tests were run: none were found.';
  if (!comparison) return after.exitCode === 0 ? 'The tests pass.' : `The tests end with ${endOf(after)}.`;
  const counts = [
    `${comparison.newlyPassing.length} newly passing`,
    `${comparison.newlyFailing.length} newly failing`,
    `${comparison.stillPassing} still passing`,
    comparison.failingBefore.length > 0 ? `${comparison.failingBefore.length} failing before us` : '',
    comparison.flaky.length > 0 ? `${comparison.flaky.length} flaky` : '',
    proof && proof.proves.length > 0 ? `${proof.proves.length} proven against the base` : '',
  ];
  return counts.filter(Boolean).join(', ');
}

function testTable({ before, after }: Evidence, words: Words): string {
  if (!before && !after) return '**No tests were found in this repository, so none were run.**';
  const rows = [
    before && `| before, on the untouched base | ${rowOf(before)} |`,
    after && `| after, on this change | ${rowOf(after)} |`,
  ].filter(Boolean);
  const run = after ?? before;
  const head = `${words.span(run?.command ?? '')} (${words.line(run?.runner ?? '', 40)})`;
  return `${head}\n\n| | passed | failed | skipped | ended | time |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function rowOf(run: TestRun): string {
  const count = (outcome: string) => run.cases.filter((test) => test.outcome === outcome).length;
  const counts =
    run.granularity === 'per-test' ? [count('passed'), count('failed'), count('skipped')] : ['–', '–', '–'];
  return [...counts, endOf(run), `${(run.durationMs / 1000).toFixed(1)} s`].join(' | ');
}

function endOf(run: TestRun): string {
  return run.ended === 'exited' ? `exit code ${run.exitCode}` : endWords[run.ended];
}

const endWords: Record<Exclude<TestRun['ended'], 'exited'>, string> = {
  timeout: 'timed out',
  'output-limit': 'too much output',
  'memory-limit': 'too much memory',
  'process-limit': 'too many processes',
  'disk-limit': 'too much on disk',
  'not-measured': 'what it used could not be measured',
  stopped: 'stopped',
};

function testLists({ before, after, comparison, proof }: Evidence, words: Words): string[] {
  if (!after) return [];
  if (!comparison) {
    const why = after.note ?? before?.note ?? 'the runner gives no report that can be read by a program';
    return [`Results are by exit code only: ${words.line(why, 300)}.`, endOfOutput(after, words)];
  }
  const proven = new Set(proof?.proves);
  const unproven = comparison.newlyPassing.filter((test) => !proven.has(test));
  const messages = new Map(after.cases.map(({ id, message }) => [id, message]));
  return [
    list(words, 'Newly passing', unproven, { inProof: comparison.newlyPassing.length - unproven.length }),
    list(words, '⚠️ Newly failing', comparison.newlyFailing, { messages }),
    list(words, 'Failing before this change, and still', comparison.failingBefore),
    list(words, 'Flaky: failed once, passed when run again', comparison.flaky),
    list(words, '⚠️ Ran before, did not run now', comparison.removed),
  ];
}

function proofOf({ proof }: Evidence, words: Words): string {
  if (!proof) return '';
  const parts = [
    list(words, "Proof: these new or changed tests fail on the base's code and pass here", proof.proves),
    list(words, "No proof: these new tests pass on the base's code too", proof.provesNothing),
    proof.note ? words.line(proof.note, 300) : '',
  ];
  return parts.filter(Boolean).join('\n\n');
}

function findingsOf({ findings }: Evidence, words: Words): string {
  const marked = findings.filter(({ severity }) => severity === 'mark');
  if (marked.length === 0) return 'Scan for credentials, protected paths, links and size: nothing found.';
  const places = marked
    .slice(0, maxListed)
    .map(({ path, line, says }) => `- ${words.span(line ? `${path}:${line}` : path)} ${says}`);
  const howToAllow = marked.some(({ rule }) => rule === 'secret')
    ? '\n\nIf a place holds no credential, `/allow-secret <path>:<line>` in a comment says so.'
    : '';
  return `Scan: look at these files with care.\n\n${places.join('\n')}${howToAllow}`;
}

/** In a list: what is quoted in a pull request is the agent's. */
function notesOf({ notes }: Evidence, words: Words): string {
  if (notes.length === 0) return '';
  return `Notes:\n\n${notes.map((note) => `- ${words.line(note, 500)}`).join('\n')}`;
}

/** Where nobody can say which test failed, the output may. */
function endOfOutput(run: TestRun, words: Words): string {
  if (run.exitCode === 0 || run.outputTail.trim() === '') return '';
  return `The end of the output:\n\n${words.block(run.outputTail.trim(), 1500)}`;
}

function list(
  words: Words,
  title: string,
  tests: readonly string[],
  {
    inProof = 0,
    messages,
  }: {
    /** So many more of them are named by the proof, once is enough. */
    inProof?: number;
    messages?: ReadonlyMap<string, string | undefined>;
  } = {},
): string {
  if (tests.length + inProof === 0) return '';
  const shown = tests.slice(0, maxListed).map((test) => {
    const message = messages?.get(test)?.trim().split('\n')[0];
    return `- ${words.span(test)}${message ? `: ${words.line(message, 200)}` : ''}`;
  });
  if (tests.length > maxListed) shown.push(`- and ${tests.length - maxListed} more`);
  if (inProof > 0) shown.push(`- ${tests.length > 0 ? 'and ' : ''}the ${inProof} of the proof below`);
  return `**${title}** (${tests.length + inProof})\n\n${shown.join('\n')}`;
}
