import { describe, expect, test } from '@jest/globals';
import { lexer } from 'marked';
import { renderProgress } from '../../src/messages/progress-comment.js';
import { renderRefusal, renderReminder, renderThreadAnswer } from '../../src/messages/replies.js';
import type { Outcome } from '../../src/runs/outcome.js';
import type { RefusalReason } from '../../src/runs/refusal-reason.js';
import type { Run } from '../../src/runs/run.js';
import type { RecordedEvent } from '../../src/runs/run-event.js';
import { escapeOnly } from '../../src/text/untrusted-text.js';
import { labelTrigger } from '../support/label-trigger.js';

const now = new Date('2026-05-01T10:00:00Z');
const end = (outcome: Outcome, workflow = 'implement-issue') =>
  renderProgress(
    { id: 'run-1', workflow, trigger: labelTrigger(7) } as Run,
    [{ event: { type: 'settled', outcome } } as RecordedEvent],
    now,
    escapeOnly,
  );
const marker = '\n\n<!-- a-marker -->';

const hostile: [string, string][] = [
  ['a fence', 'x\n\n~~~~'],
  ['a fence from the start', '```\nx'],
  ['a heading', 'x\n\n## Measured\n\nForged'],
  ['a line across and a fence', '- -\n~~~~'],
  ['a comment', 'x <!--\n\n<pre>'],
  ['a code span', 'x `'],
  ['an alert', '[!CAUTION]\nx'],
  ['lines of another kind', 'x\r\r## Measured\u2028~~~~'],
];

describe("the agent's latest note", () => {
  const asked = (said: string) => ({ event: { type: 'asked', turn: 1, dollars: null, said } });
  const render = (...events: object[]) =>
    renderProgress(
      { id: 'run-1', workflow: 'implement-issue', trigger: labelTrigger(7) } as Run,
      [{ event: { type: 'started', worker: 'w' } }, ...events] as RecordedEvent[],
      now,
      escapeOnly,
    );

  test('is one escaped line while the run works', () => {
    const text = render(asked('First.'), asked('# I ask @ada.\n\n<!-- Closes #7'));
    const line = text.split('\n').find((one) => one.startsWith("The agent's latest note: ")) ?? '';
    expect(line).toContain('I ask @\u200Bada. ');
    expect(line).not.toMatch(/<!--|First|Closes #7/);
    expect(lexer(text).map(({ type }) => type)).not.toContain('heading');
  });

  test('is left out if there is none, and at the end of the run', () => {
    expect(render(asked(''))).not.toContain('note');
    const outcome = { kind: 'stopped', reason: 'ada stopped it.' };
    expect(render(asked('I look.'), { event: { type: 'settled', outcome } })).not.toContain('I look.');
  });
});

describe('the stage', () => {
  const budget = { turns: 80, dollars: 5 };
  const render = (at: string, ...events: object[]) =>
    renderProgress(
      { id: 'run-1', workflow: 'implement-issue', trigger: labelTrigger(7) } as Run,
      events.map((event) => ({ at: new Date(at), event })) as RecordedEvent[],
      now,
      escapeOnly,
    ).split('\n')[0];
  const started = { type: 'started', worker: 'w' };

  test('says for how long it lasts, in whole minutes', () => {
    expect(render('2026-05-01T09:59:01Z', started)).toBe(
      '**Working:** reading the issue and the repository.',
    );
    expect(render('2026-05-01T09:56:01Z', started)).toBe(
      '**Working:** reading the issue and the repository, for 3 minutes now.',
    );
  });

  test('says the turn and the money against the budget', () => {
    const tokens = { inputTokens: 1, cacheWriteTokens: 0, cacheReadTokens: 0, outputTokens: 1 };
    const agent = { agent: 'a', agentReason: '', model: 'm', effort: null };
    const read = { type: 'task-read', base: 'main', commit: 'abc', hidden: [], ...agent };
    const asked = { type: 'asked', turn: 7, dollars: 0.84, said: '', ...tokens };
    const at = '2026-05-01T10:00:00Z';
    expect(render(at, started, { ...read, budget }, asked)).toBe(
      '**Working:** the agent is on turn 7 of at most 80, $0.84 of $5.00 spent.',
    );
    const unpriced = { ...read, budget: { turns: 80, dollars: null } };
    expect(render(at, started, unpriced, { ...asked, dollars: null })).toBe(
      '**Working:** the agent is on turn 7 of at most 80.',
    );
    // The limits have grown.
    expect(render(at, started, { ...read, budget }, { ...asked, turn: 81, dollars: 6 })).toBe(
      '**Working:** the agent is on turn 81.',
    );
  });
});

test('failures of the tests of the change on the base code are called what they are', () => {
  const counts = { command: 'npm test', runner: 'mocha', passed: 1, failed: 14, skipped: 0, unloaded: 0 };
  const tests = { ...counts, exitCode: 1, ended: 'exited', durationMs: 1 };
  const events = [{ event: { type: 'tests-run', when: 'against-base', tests } }] as RecordedEvent[];
  const run = { id: 'run-1', workflow: 'implement-issue', trigger: labelTrigger(7) } as Run;
  expect(renderProgress(run, events, now, escapeOnly)).toContain(
    "- the change's tests on the base code: 1 passed, 14 failed, 0 skipped (failures are expected here: they are the proof)",
  );
});

test('images are counted, and the reasons for the others are escaped', () => {
  const unread = [{ name: 'image 2 in a comment by @ada', fault: 'not stored on GitHub' }];
  const run = { id: 'run-1', workflow: 'implement-issue', trigger: labelTrigger(7) } as Run;
  const events = [{ event: { type: 'images-read', read: 1, unread } }] as RecordedEvent[];
  expect(renderProgress(run, events, now, escapeOnly)).toContain(
    '- images: the agent got 1; not read: image 2 in a comment by @\u200Bada (not stored on GitHub)',
  );
});

describe('untrusted text in a comment', () => {
  test.each(hostile)('do not swallow the text after them into %s', (_, text) => {
    const refusal: RefusalReason = { kind: 'nothing-to-change', summary: text };
    const comments = [
      end({ kind: 'question', questions: [text, text, 'And?'] }),
      ...(['implement-issue', 'answer-review'] as const).flatMap((workflow) => [
        end({ kind: 'refusal', reason: refusal }, workflow),
        end({ kind: 'stopped', reason: text }, workflow),
        end({ kind: 'failed', reason: text }, workflow),
      ]),
      end({ kind: 'draft', number: 8, url: '', reasons: [text, text], unfinished: false }),
      renderReminder(
        Array.from({ length: 11 }, () => text),
        escapeOnly,
      ),
      renderRefusal({ sender: { login: 'ada' }, kind: 'label' } as never, refusal, escapeOnly),
    ];
    for (const comment of comments) {
      const blocks = lexer(comment + marker);
      expect(blocks.map(({ type }) => type)).not.toContain('heading');
      expect(blocks.map(({ type }) => type)).not.toContain('code');
      expect(blocks.at(-1)).toMatchObject({ type: 'html', raw: marker.trim() });
      // What comes behind is a paragraph of its own.
      expect(blocks.filter(({ type }) => type === 'paragraph').at(-1)?.raw).toMatch(
        /Answer in|run `run-1`|To try again/,
      );
    }
    for (const commit of [null, 'abc']) {
      const blocks = lexer(renderThreadAnswer(text, commit, escapeOnly) + marker);
      expect(blocks.map(({ type }) => type)).not.toContain('code');
      expect(blocks.at(-1)).toMatchObject({ type: 'html', raw: marker.trim() });
    }
  });

  test('are readable: short text stays in its line, long text becomes a quote below', () => {
    expect(renderThreadAnswer('It says good day now.', 'abc', escapeOnly)).toBe(
      'Done in abc: It says good day now.',
    );
    expect(renderThreadAnswer('Two ways:\n\n- a\n- b', null, escapeOnly)).toBe(
      'Not done: Two ways:\n\n> - a\n> - b',
    );
    expect(renderReminder(['Whose name?', 'Which:\n- a\n- b'], escapeOnly)).toContain(
      '1. Whose name?\n2. Which:\n\n   > - a\n   > - b\n\nAnswer',
    );
  });
});
