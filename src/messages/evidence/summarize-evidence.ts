import { countCases } from '../../evidence/count-cases.js';
import { type Evidence, listBreaking, type TestRun } from '../../evidence/evidence.js';
import type { Migrations } from '../../evidence/migration-evidence.js';
import { describeEnding } from '../describe-ending.js';
import { count } from './count.js';

/**
 * Sums up the evidence in one line of clauses, for pull requests and check runs. The line contains only our
 * own words and numbers.
 */
export function summarizeEvidence(evidence: Evidence): string {
  const clauses = [
    ...describeTests(evidence),
    describeProof(evidence),
    describeMigrations(evidence.migrations),
    describeApi(evidence),
    ...describeChangedLines(evidence),
    ...describeQueries(evidence),
    describePackages(evidence),
    describeFindings(evidence),
  ].filter(Boolean);
  const line = clauses.join(', ');
  return line.charAt(0).toUpperCase() + line.slice(1);
}

function* describeTests({ before, after, comparison }: Evidence): Generator<string> {
  if (!after) {
    yield before ? 'the tests did not run on the change' : 'no tests were found, so none ran';
    return;
  }
  if (!comparison) {
    yield describeWithoutResults(after);
    return;
  }
  const { passed, failed, unloaded } = countCases(after.cases);
  const { newlyFailing, failingBefore, flaky, removed } = comparison;
  if (newlyFailing.length > 0)
    yield `${count(newlyFailing.length, 'test')} newly ${newlyFailing.length === 1 ? 'fails' : 'fail'}`;
  yield `${count(passed, 'test')} ${passed === 1 ? 'passes' : 'pass'}`;
  if (failingBefore.length > 0)
    yield `${failingBefore.length} ${failingBefore.length === 1 ? 'fails' : 'fail'} as before`;
  if (after.ended !== 'exited' && after.ended !== 'did-not-exit')
    yield `the tests did not finish (${describeEnding(after.ended)})`;
  else if (after.exitCode !== 0 && after.exitCode !== null && failed + unloaded === 0)
    yield `the command ends with exit code ${after.exitCode}`;
  if (removed.length > 0) yield `${removed.length} no longer ${removed.length === 1 ? 'runs' : 'run'}`;
  if (flaky.length > 0) yield `${flaky.length} ${flaky.length === 1 ? 'is' : 'are'} flaky`;
}

function describeWithoutResults(after: TestRun): string {
  if (after.ended === 'did-not-exit') return 'the test command did not exit';
  if (after.ended !== 'exited') return `the tests did not finish (${describeEnding(after.ended)})`;
  return after.exitCode === 0 ? 'the tests pass' : `the tests fail with exit code ${after.exitCode}`;
}

function describeProof({ proof }: Evidence): string {
  if (!proof) return '';
  const { length } = proof.proves;
  if (length > 0) return `${length} proven to fail without the change`;
  return proof.provesNothing.length + proof.needData.length > 0 ? 'none proven to need the change' : '';
}

function describeMigrations(migrations: Migrations | null): string {
  if (!migrations) return '';
  const { notRehearsed, faults, stages, rows, statements, added } = migrations;
  if (notRehearsed !== null) return 'migrations not rehearsed';
  const name = added.length === 1 ? 'migration' : 'migrations';
  const failed = stages.find(({ error }) => error !== null);
  if (failed) return `${name} failed ${failed.name}`;
  const rewritten = new Set(statements.flatMap((one) => one.rewrites)).size;
  const rewrite = rewritten === 0 ? 'without a rewrite' : `rewriting ${count(rewritten, 'table')}`;
  const found = faults.length > 0 ? `, with ${count(faults.length, 'fault')}` : '';
  return `${name} ${stages.map((stage) => stage.name).join('/')} on ${count(rows, 'row')} ${rewrite}${found}`;
}

function describeApi(evidence: Evidence): string {
  const { api } = evidence;
  const breaking = listBreaking(evidence).length;
  if (breaking > 0) return count(breaking, 'breaking API change');
  const isWhole = api !== null && api.files.length > 0 && api.notes.length === 0;
  return isWhole ? 'no breaking API change' : '';
}

function describeChangedLines({ coverage, mutations }: Evidence): string[] {
  const tried = mutations?.tried ?? 0;
  return [
    coverage && coverage.lines > 0
      ? `${coverage.reached} of ${count(coverage.lines, 'changed line')} tested`
      : '',
    tried > 0
      ? `${tried - (mutations?.unnoticed.length ?? 0)} of ${count(tried, 'small fault')} noticed`
      : '',
  ];
}

function describeQueries({ queries }: Evidence): string[] {
  const repeated = queries?.repeated.length ?? 0;
  const unindexed = queries?.unindexed.length ?? 0;
  return [
    repeated > 0 ? `${count(repeated, 'statement')} repeated in one test` : '',
    unindexed > 0 ? `${count(unindexed, 'condition')} without an index` : '',
  ];
}

function describePackages({ packages }: Evidence): string {
  const added = packages?.direct.filter(({ from }) => from === null).length ?? 0;
  return added > 0 ? `${count(added, 'package')} added` : '';
}

function describeFindings({ findings }: Evidence): string {
  const marks = findings.filter(({ severity }) => severity === 'mark').length;
  return marks > 0 ? `${count(marks, 'place')} to review` : '';
}
