import { expect, test } from '@jest/globals';
import { describeOutcome, describeRuns } from '../../src/cli/describe-run.js';
import type { Run } from '../../src/runs/run.js';
import { labelTrigger } from '../support/label-trigger.js';

const now = new Date('2026-11-28T12:00:00Z');
const runOf = (more: Partial<Run>): Run => ({
  id: '00000000-0000-4000-8000-000000000000',
  trigger: labelTrigger(5),
  workflow: 'implement-issue',
  issueNumber: 5,
  status: 'queued',
  heldReason: null,
  outcome: null,
  createdAt: now,
  startedAt: null,
  settledAt: null,
  ...more,
});
const lineOf = (more: Partial<Run>) => describeRuns([runOf(more)], now)[0];

test('a run is one line with its id, age, issue and status', () => {
  expect(lineOf({ status: 'running' })).toBe(
    '00000000-0000-4000-8000-000000000000   0s ago  acme/shop#5  running',
  );
});

test.each([
  [59_000, '59s ago'],
  [60_000, '1m ago'],
  [3_599_000, '59m ago'],
  [3_600_000, '1h ago'],
  [47 * 3_600_000, '47h ago'],
  [48 * 3_600_000, '2d ago'],
  // The database's clock may be ahead.
  [-5000, '0s ago'],
])('a run that was created %d ms ago says so as %s', (ms, age) => {
  expect(lineOf({ createdAt: new Date(now.getTime() - ms) })).toContain(` ${age} `);
});

test('issues of different lengths are in one column', () => {
  const lines = describeRuns([runOf({ issueNumber: 5 }), runOf({ issueNumber: 12345 })], now);
  expect(new Set(lines.map((line) => line.indexOf('queued'))).size).toBe(1);
});

test('a run that waits for a limit names the limit', () => {
  expect(lineOf({ heldReason: '@ada has 10 runs' })).toMatch(/ {2}waiting: @ada has 10 runs$/);
});

test('a run that ended says how', () => {
  const url = 'https://github.com/acme/shop/pull/7';
  expect(lineOf({ status: 'settled', outcome: { kind: 'pull-request', number: 7, url } })).toMatch(
    / {2}pull request #7$/,
  );
  expect(describeOutcome({ kind: 'draft', number: 7, url, reasons: ['A.', 'B.'], unfinished: true })).toBe(
    'unfinished draft #7: A. B.',
  );
  expect(describeOutcome({ kind: 'question', questions: ['Which?', 'Why?'] })).toBe('question: Which? Why?');
  expect(describeOutcome({ kind: 'refusal', reason: { kind: 'repository-archived' } })).toBe(
    'refused: The repository is archived.',
  );
  expect(describeOutcome({ kind: 'stopped', reason: 'by @ada' })).toBe('stopped: by @ada');
  expect(describeOutcome({ kind: 'failed', reason: 'the disk is full' })).toBe('failed: the disk is full');
});
