import picomatch from 'picomatch';
import type { Change } from '../workspace/workspace.js';
import { findLost } from './compare-tests.js';
import {
  type Api,
  type Coverage,
  type Evidence,
  type Finding,
  hasFinished,
  listBreaking,
  type Mutation,
} from './evidence.js';
import { judgeTestCommand } from './judge-change.js';
import { sources } from './proof/sort-changes.js';
import type { DetailedRun } from './run-tests.js';
import { isTestPath, settingsFiles } from './runners/runners.js';

/** Something that Pullwright measured about submitted work and that the agent should fix. */
export type Fault =
  /** The packages of the change do not fit or cannot be installed. Each reason is one sentence. */
  | { kind: 'packages'; reasons: string[] }
  /** The migrations fail, lose rows or cannot be undone. Each reason is one sentence. */
  | { kind: 'migrations'; reasons: string[]; output: string }
  /** The change breaks an API, and the agent does not say so. */
  | { kind: 'undeclared-api'; differences: Api['differences'] }
  | { kind: 'newly-failing'; tests: DetailedRun['failures'] }
  /** `removed` contains the ids of at least `count` tests, because some of them may have a new name. */
  | { kind: 'lost'; count: number; removed: string[] }
  /** The test command fails for another reason than a test. Each reason is one sentence. */
  | { kind: 'command-fails'; reasons: string[]; output: string }
  /** `files` contains the test files of the change. */
  | { kind: 'unproven'; files: string[] }
  /** No test runs these lines. */
  | { kind: 'unreached'; places: Coverage['unreached'] }
  /** The tests pass with these faults. */
  | { kind: 'unnoticed'; mutations: Mutation[] }
  | { [Kind in FindingKind]: { kind: Kind; findings: Finding[] } }[FindingKind];

/**
 * `blocked` keeps the change from being pushed. `look-alike` is text that looks like a credential. `lockfile`
 * is a manifest that its lockfile does not fit. `ignored` is a file that git ignores. `unsure` is a file
 * that may be an edit or left behind by the tests or a build.
 */
type FindingKind = 'blocked' | 'look-alike' | 'lockfile' | 'ignored' | 'unsure';

/**
 * Finds the faults of submitted work. Leaves out everything that the agent cannot fix or did not cause, such
 * as tests that already failed before.
 * @param failures why tests newly fail; not all of them need to be in this list
 * @param changes the changes of this run
 * @param titles the titles of the issue and of the submission
 * @param endpoints the changed endpoints that the submission names
 */
export function findFaults(
  evidence: Evidence,
  failures: DetailedRun['failures'],
  changes: readonly Change[],
  titles: readonly string[],
  endpoints: readonly string[],
): Fault[] {
  const faults: Fault[] = [...findTestFaults(evidence, failures)];
  const reasons = evidence.packages?.faults ?? [];
  if (reasons.length > 0) faults.unshift({ kind: 'packages', reasons });
  const { faults: ofMigrations = [], output = '' } = evidence.migrations ?? {};
  if (ofMigrations.length > 0) faults.push({ kind: 'migrations', reasons: ofMigrations, output });
  const differences = listBreaking(evidence);
  if (differences.length > 0 && endpoints.length === 0) faults.push({ kind: 'undeclared-api', differences });
  if (faults.length === 0 && changesBehavior(changes, titles))
    faults.push(
      ...(isUnproven(evidence)
        ? [{ kind: 'unproven' as const, files: evidence.proof?.files ?? [] }]
        : findGaps(evidence)),
    );
  for (const kind of Object.keys(belongs) as FindingKind[]) {
    const findings = evidence.findings.filter(belongs[kind]);
    if (findings.length > 0) faults.push({ kind, findings });
  }
  return faults;
}

/** Whether a finding is of a kind that is returned to the agent. */
const belongs: Record<FindingKind, (finding: Finding) => boolean> = {
  // An active credential is not returned. It would tell an attacker which encodings Pullwright recognizes.
  blocked: ({ severity, rule }) => severity === 'block' && rule !== 'secret',
  'look-alike': ({ severity, rule }) => severity === 'mark' && rule === 'secret',
  lockfile: ({ rule }) => rule === 'lockfile',
  ignored: ({ rule }) => rule === 'ignored-file',
  unsure: ({ rule }) => rule === 'unsure-file',
};

function* findTestFaults(evidence: Evidence, failures: DetailedRun['failures']): Generator<Fault> {
  const { before, after, comparison } = evidence;
  if (!before || !after) return;
  const known = new Map(failures.map((one) => [one.id, one]));
  const failing = new Set(comparison?.newlyFailing);
  const tests = after.cases
    .filter(({ id }) => failing.has(id))
    .map(({ id, message }) => known.get(id) ?? { id, ...(message && { error: message }) });
  if (tests.length > 0) yield { kind: 'newly-failing', tests };
  const { count, removed } = findLost(comparison, before, after);
  if (count > 0) yield { kind: 'lost', count, removed };
  // If the exit code is the only result and was not 0 before, the reason may not be in the change.
  const isComparable = before.granularity === 'per-test' || before.exitCode === 0;
  const isOver = hasFinished(before) && after.ended !== 'stopped' && after.ended !== 'not-measured';
  const reasons = isComparable && isOver ? [...judgeTestCommand(evidence)] : [];
  if (reasons.length > 0) yield { kind: 'command-fails', reasons, output: after.outputTail };
}

function* findGaps({ coverage, mutations }: Evidence): Generator<Fault> {
  if (coverage && coverage.unreached.length > 0) yield { kind: 'unreached', places: coverage.unreached };
  if (mutations && mutations.unnoticed.length > 0)
    yield { kind: 'unnoticed', mutations: mutations.unnoticed };
}

/** Returns whether a fault only shows that the tests could be better. */
export function isGap({ kind }: Fault): boolean {
  return kind === 'unreached' || kind === 'unnoticed';
}

const settings = [settingsFiles, '**/{*.config.*,.*rc.*,*.d.ts,setup.py,noxfile.py,build.rs,gulpfile.*}'];
const noBehavior =
  /^(?:refactor|docs|chore|style|test|build|ci|perf)(?:\(.*\))?!?:|\b(?:refactor\w*|rename|clean ?up|typos?|documentation)\b/i;

/**
 * Guesses whether a change should have a test that proves it. This is the case if it adds lines to source
 * code that is neither a test nor settings, unless a title says that the behavior stays the same.
 */
function changesBehavior(changes: readonly Change[], titles: readonly string[]): boolean {
  return (
    changes.some(({ path, added }) => (added ?? 0) > 0 && isProductCode(path)) &&
    !titles.some((title) => noBehavior.test(title))
  );
}

const isSource = picomatch(sources, { dot: true, ignore: settings });

/** Returns whether a path is source code that is neither a test nor settings. */
export function isProductCode(path: string): boolean {
  return isSource(path) && !isTestPath(path);
}

/** Returns whether the tests were measured one by one, and none of them fails without the change. */
function isUnproven({ before, comparison, proof }: Evidence): boolean {
  if (!comparison) return false;
  const failedBefore = new Set(before?.cases.flatMap(({ id, outcome }) => (outcome === 'failed' ? id : [])));
  if (comparison.newlyPassing.some((id) => failedBefore.has(id))) return false;
  // New tests without a test file are in the source code, as in Rust. They cannot run on the base code.
  if (!proof) return comparison.newlyPassing.length === 0;
  // A note says that the tests did not finish on the base code.
  return proof.proves.length + proof.needData.length === 0 && proof.note === undefined;
}
