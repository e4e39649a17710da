import { expect, test } from '@jest/globals';
import { describeEvent } from '../../src/cli/describe-event.js';
import type { RunEvent } from '../../src/runs/run-event.js';

const tests = {
  command: 'npm test',
  runner: 'jest',
  passed: 12,
  failed: 1,
  skipped: 0,
  unloaded: 0,
  exitCode: 1,
  ended: 'exited',
  durationMs: 4321,
};
const commit = '0123456789abcdef';

const cases: [RunEvent, string][] = [
  [{ type: 'accepted', by: 'ada', trigger: 'label "backend"' }, 'accepted from @ada: label "backend"'],
  [{ type: 'queued', ahead: 0 }, 'queued, next in line'],
  [
    {
      ...{ type: 'reply-abandoned', turn: 2, purpose: 'reply', attempt: 1, ending: 'silent', dollars: 0.01 },
      ...{
        inputTokens: 1000,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        cacheReadTokens: 0,
        outputTokens: 10,
      },
    },
    'turn 2: a reply of the model was abandoned, because nothing arrived for too long; it may have cost 1,010 tokens, $0.0100',
  ],
  [{ type: 'queued', ahead: 1 }, 'queued behind 1 run'],
  [{ type: 'queued', ahead: 2 }, 'queued behind 2 runs'],
  [{ type: 'held', reason: 'too many runs' }, 'waiting in the queue: too many runs'],
  [{ type: 'started', worker: 'w1' }, 'started on worker w1'],
  [
    { type: 'started', worker: 'w1', warning: 'no sandbox' },
    'started on worker w1, with a warning: no sandbox',
  ],
  [
    {
      type: 'mcp-servers',
      servers: [
        { name: 'docs', tools: 1, leftOut: [], fault: null },
        { name: 'files', tools: 2, leftOut: ['move: its input schema is too long'], fault: null },
        { name: 'tracker', tools: 0, leftOut: [], fault: 'it ended with exit code 1' },
      ],
    },
    'MCP server docs: 1 tool; MCP server files: 2 tools; tools left out: move: its input schema is too long; MCP server tracker: it ended with exit code 1',
  ],
  [
    {
      type: 'task-read',
      ...{
        base: 'main',
        commit,
        agent: 'painter',
        agentReason: 'label',
        model: 'opus',
        effort: 'high',
        hidden: ['notes'],
      },
    },
    'task read: agent painter (label), model opus, effort high; base main at 0123456789; hidden from the agent: notes',
  ],
  [
    {
      ...{ type: 'set-up', ok: false, commands: ['npm ci'], durationMs: 900 },
      ...{ refusedHosts: ['x.example:443'], found: [], provided: [], missing: [] },
    },
    'setup failed in 0.9 s; npm ci; refused hosts: x.example:443',
  ],
  [
    {
      ...{ type: 'set-up', ok: true, commands: [], durationMs: 0 },
      ...{ refusedHosts: [], found: [], provided: [], missing: [] },
    },
    'setup finished in 0.0 s; no commands',
  ],
  [
    {
      ...{ type: 'set-up', ok: true, commands: ['npm ci'], durationMs: 900, refusedHosts: [] },
      ...{ found: ['Postgres 18 and Redis 7 from compose.yaml', 'Node 22 from .nvmrc'] },
      ...{ provided: ['PostgreSQL 18.4 as the service db.'], missing: ['Redis is not installed.'] },
    },
    'setup finished in 0.9 s; npm ci; the tests need Postgres 18 and Redis 7 from compose.yaml, Node 22 from ' +
      '.nvmrc; PostgreSQL 18.4 as the service db; Redis is not installed',
  ],
  [
    { type: 'tests-run', when: 'before', tests },
    'tests before the change: 12 passed, 1 failed, 0 skipped in 4.3 s (npm test)',
  ],
  [
    { type: 'tests-run', when: 'after', tests: { ...tests, ended: 'timeout' } },
    'tests after the change: did not finish (timed out) in 4.3 s (npm test)',
  ],
  [
    { type: 'tests-run', when: 'against-base', tests: { ...tests, passed: 0, failed: 0, exitCode: 0 } },
    "the change's tests on the base code: exit code 0 in 4.3 s (npm test)",
  ],
  [
    { type: 'coverage-measured', commit: 'a', lines: 36, reached: 34, durationMs: 4321 },
    'changed lines that run in tests: 34 of 36 in 4.3 s',
  ],
  [
    {
      ...{ type: 'queries-recorded', commit: 'a', tests: 3, statements: 63, durationMs: 4321 },
      ...{ repeated: 1, unindexed: 0 },
    },
    '63 statements of 3 tests recorded in 4.3 s; 1 repeated, 0 without an index',
  ],
  [
    { type: 'mutations-tried', commit: 'a', tried: 20, noticed: 17, untried: 0, durationMs: 60_000 },
    'small faults that the tests noticed: 17 of 20, 0 not tried, in 60.0 s',
  ],
  [
    {
      type: 'asked',
      ...{
        turn: 3,
        inputTokens: 1000,
        cacheWriteTokens: 200,
        cacheWrite1hTokens: 0,
        cacheReadTokens: 30,
        outputTokens: 4,
      },
      ...{ dollars: 0.0123, durationMs: 2000, said: 'I read the tests.' },
    },
    'turn 3: the model answered in 2.0 s, 1,234 tokens, $0.0123: I read the tests.',
  ],
  [
    {
      type: 'acted',
      turn: 3,
      tools: [
        { name: 'bash', summary: 'ls', ok: true, durationMs: 100 },
        { name: 'bash', summary: 'false', ok: false, note: 'exit code 1', durationMs: 200 },
      ],
      instructions: ['api/AGENTS.md'],
      checkpoint: commit,
    },
    'turn 3: bash ls (0.1 s); bash false (failed, exit code 1, 0.2 s); instructions read: api/AGENTS.md; checkpoint 0123456789',
  ],
  [
    { type: 'submission-returned', turn: 3, because: ['2 tests newly fail', 'no test proves the change'] },
    'turn 3: submit returned: 2 tests newly fail; no test proves the change',
  ],
  [{ type: 'said', by: 'ada' }, 'message from @ada'],
  [{ type: 'heard', turn: 3, hidden: [] }, 'the agent gets the message in turn 4'],
  [
    {
      type: 'checks-failed',
      head: commit,
      failed: [
        { name: 'unit', unread: null },
        { name: 'lint', unread: 'it no longer exists' },
      ],
      onBase: ['old'],
    },
    'CI failed on 0123456789: unit, lint (log not read: it no longer exists); also fails on the base: old',
  ],
  [
    { type: 'checks-answered', answers: [{ name: 'unit', done: true, text: 'mended' }] },
    'CI failures answered: unit fixed (mended)',
  ],
  [
    { type: 'waiting', reason: 'GitHub is down', untilMs: Date.UTC(2026, 0, 2) },
    'waiting until 2026-01-02T00:00:00.000Z at the latest: GitHub is down',
  ],
  [
    { type: 'scanned', blocked: 0, marked: 2, leftOut: [] },
    'change scanned; findings that block it: 0, findings for reviewers: 2',
  ],
  [
    { type: 'scanned', blocked: 0, marked: 0, leftOut: ['coverage/lcov.info', 'stats.json'] },
    'change scanned; findings that block it: 0, findings for reviewers: 0; left out, because the tests or other tools wrote them: coverage/lcov.info, stats.json',
  ],
  [{ type: 'pushed', branch: 'pullwright/issue-1', commit }, 'pushed 0123456789 to pullwright/issue-1'],
  [
    { type: 'pull-request', number: 7, url: 'https://github.com/a/b/pull/7', draft: true },
    'opened or updated draft #7: https://github.com/a/b/pull/7',
  ],
  [{ type: 'settled', outcome: { kind: 'question', questions: ['Which?'] } }, 'ended: question: Which?'],
];

test.each(cases)('an event is described in words: %j', (event, line) => {
  expect(describeEvent(event)).toBe(line);
});
