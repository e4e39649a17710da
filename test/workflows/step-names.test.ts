import { expect, test } from '@jest/globals';
import type { StepTable } from '../../src/engine/steps.js';
import { acceptTriggerSteps } from '../../src/workflows/accept-trigger/steps.js';
import { answerReviewSteps } from '../../src/workflows/answer-review/steps.js';
import { implementIssueSteps } from '../../src/workflows/implement-issue/steps.js';
import { obeyCommandSteps } from '../../src/workflows/obey-command/steps.js';
import { endRunSteps, restartRunSteps } from '../../src/workflows/run/restart-run.js';

/*
 * Results of steps are stored under these names, and a workflow that was interrupted is replayed from them.
 * Whoever changes a name or the order has to raise `applicationVersion` in src/engine/application-version.ts.
 */

const namesOf = (table: StepTable) => Object.values(table).map(({ name }) => name);

const fromSetUpToCheckRun = [
  'set-up-project',
  'run-tests-before',
  'open-conversation',
  'ask',
  'record-reply',
  'act',
  'compact-conversation',
  'find-change',
  'set-up-change',
  'run-tests-after',
  'compare-tests',
  'prove-tests',
  'rehearse-migrations',
  'compare-api',
  'measure-coverage',
  'record-queries',
  'try-mutations',
  'scan-change',
  'judge-submission',
  'push',
  'open-pull-request',
  'write-check-run',
];

test('the stored names of the steps of implement-issue do not change', () => {
  expect(namesOf(implementIssueSteps)).toEqual([
    'start-run',
    'read-task',
    ...fromSetUpToCheckRun,
    'tell-people',
    'record-outcome',
  ]);
});

test('the stored names of the steps of answer-review do not change', () => {
  expect(namesOf(answerReviewSteps)).toEqual([
    'start-run',
    'read-task',
    ...fromSetUpToCheckRun,
    'answer-threads',
    'tell-people',
    'record-outcome',
    'reserve-merge',
    'announce-run',
    'admit-run',
  ]);
});

test('the stored names of the steps of accept-trigger do not change', () => {
  expect(namesOf(acceptTriggerSteps)).toEqual([
    'decide-trigger',
    'reserve-run',
    'pass-on-instructions',
    'react',
    'announce-run',
    'admit-run',
    'abandon-run',
    'refuse',
    'record-result',
  ]);
});

test('the stored names of the steps of obey-command do not change', () => {
  expect(namesOf(obeyCommandSteps)).toEqual([
    'stop-runs',
    'decide-trigger',
    'refuse',
    'react',
    'run-command',
    'abandon-run',
    'record-result',
  ]);
});

test('the stored names of the steps of restart-run do not change', () => {
  expect(namesOf(restartRunSteps)).toEqual([
    'find-outcome',
    'tell-people',
    'record-outcome',
    'reserve-replacement',
    'announce-run',
    'admit-run',
  ]);
});

test('the stored names of the steps of end-run do not change', () => {
  expect(namesOf(endRunSteps)).toEqual(['find-run', 'find-outcome', 'tell-people', 'record-outcome']);
});
