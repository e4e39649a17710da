import { expect, test } from '@jest/globals';
import { renderEnding } from '../../src/messages/ending.js';
import type { Outcome } from '../../src/runs/outcome.js';
import type { Run } from '../../src/runs/run.js';
import { escapeOnly } from '../../src/text/untrusted-text.js';

const url = 'https://github.com/acme/shop/pull/7';
const render = (
  outcome: Outcome,
  more: { login?: string | null; workflow?: Run['workflow']; commit?: string } = {},
) => {
  const { login = 'ada', workflow = 'implement-issue', commit = null } = more;
  return renderEnding({ workflow }, { outcome, login, commit, progress: null }, escapeOnly);
};

test.each<[Outcome, Parameters<typeof render>[1], string | null]>([
  [{ kind: 'pull-request', number: 7, url }, {}, '@ada, #7 is ready for review.'],
  [
    { kind: 'pull-request', number: 7, url },
    { workflow: 'answer-review', commit: 'abc1234' },
    '@ada, this is done in abc1234.',
  ],
  // Without a commit, the pull request was ready before.
  [{ kind: 'pull-request', number: 7, url }, { workflow: 'answer-review' }, '@ada, #7 is ready for review.'],
  [
    {
      kind: 'draft',
      number: 7,
      url,
      reasons: ['One test newly fails.', 'The budget is used up.'],
      unfinished: false,
    },
    {},
    '@ada, #7 is a draft. One test newly fails. There is 1 more reason.',
  ],
  [
    { kind: 'question', questions: ['Which currency?', 'Which rate?'] },
    {},
    '@ada, I have questions before I can continue:\n\n1. Which currency?\n2. Which rate?\n\nAnswer in a comment. I will then continue automatically.',
  ],
  [
    { kind: 'refusal', reason: { kind: 'empty-repository' } },
    {},
    '@ada, I opened no pull request. The repository is empty. It needs a first commit to start from.',
  ],
  [
    { kind: 'refusal', reason: { kind: 'nothing-to-change', summary: 'It works.' } },
    { workflow: 'answer-review' },
    "@ada, I pushed no commit. No change was needed. The agent's summary: It works.",
  ],
  // Nobody asked for it. Those who take part in the issue are notified.
  [{ kind: 'failed', reason: 'The disk is full.' }, { login: null }, 'The run failed. The disk is full.'],
  [{ kind: 'plan', lines: [], verdict: 'Tests run.' }, {}, '@ada, the plan is ready. Tests run.'],
  [{ kind: 'stopped', reason: 'The issue was closed.' }, {}, null],
])('the end %j is told as expected', (outcome, more, text) => {
  expect(render(outcome, more)).toBe(text);
});

test('the reason of a failure mentions nobody and is one line', () => {
  const text = render({ kind: 'failed', reason: 'npm ERR!\n@team\n# boom' });
  expect(text).not.toMatch(/\n|(?<!^)@t/);
});
