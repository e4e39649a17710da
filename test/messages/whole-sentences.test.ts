import { describe, expect, test } from '@jest/globals';
import { explainGitHubError } from '../../src/github/explain-github-error.js';
import { guardOutput } from '../../src/github/guard-output.js';
import { renderUnfixedChecks } from '../../src/messages/ci-answers.js';
import { renderFollowUpOutcome, renderOutcome } from '../../src/messages/outcome.js';
import { describeNextStep, describeRefusal } from '../../src/messages/refusals.js';
import { renderRefusal } from '../../src/messages/replies.js';
import { asSentence, type Outcome } from '../../src/runs/outcome.js';
import type { RefusalReason } from '../../src/runs/refusal-reason.js';
import { escapeOnly } from '../../src/text/untrusted-text.js';
import { explainGitError } from '../../src/workspace/explain-git-error.js';

type Of<Kind extends RefusalReason['kind']> = Extract<RefusalReason, { kind: Kind }>;

/** Every kind of refusal, in each of its forms. The texts from elsewhere end with and without a period. */
const refusals: { [Kind in RefusalReason['kind']]: Omit<Of<Kind>, 'kind'>[] } = {
  'repository-archived': [{}],
  closed: [{ what: 'issue' }, { what: 'pull request' }],
  locked: [{ what: 'issue' }, { what: 'pull request' }],
  'edited-since-missed': [{}],
  'not-our-pull-request': [{}],
  'not-a-person': [{ login: 'bot' }],
  'no-write-access': [{ login: 'ada' }],
  'command-in-review': [{}],
  'no-instructions': [{}],
  'plan-on-pull-request': [{}],
  'invalid-effort': [{ where: "the command's `--effort`", fault: 'expected one of low, high; found none' }],
  'run-in-progress': [{ takesMessages: true }, { takesMessages: false }],
  'ci-fails-on-base': [{ checks: 'unit, lint' }],
  'ci-fix-limit': [
    { runs: 1, checks: 'unit', onBase: null },
    { runs: 2, checks: 'unit', onBase: 'lint' },
  ],
  undecided: [
    { text: 'GitHub refused a request to read the issue.' },
    { text: 'GitHub refused a request to read the issue' },
  ],
  'write-access-lost': [{ login: 'ada' }],
  'empty-repository': [{}],
  'base-branch-missing': [
    { branch: 'main', isSetting: true },
    { branch: 'main', isSetting: false },
  ],
  'already-fixed': [
    { fixes: [{ kind: 'merged-pull-request', number: 1 }], foreignCommits: null },
    {
      fixes: [
        { kind: 'open-pull-request', number: 1, author: null },
        { kind: 'commit', commit: '0123456789abcdef' },
      ],
      foreignCommits: { branch: 'pullwright/issue-7', pullRequest: 8, isForeignBranch: false },
    },
    {
      fixes: [],
      foreignCommits: { branch: 'pullwright/issue-7', pullRequest: null, isForeignBranch: false },
    },
    { fixes: [], foreignCommits: { branch: 'pullwright/issue-7', pullRequest: null, isForeignBranch: true } },
  ],
  'empty-issue': [{ unanswered: [] }, { unanswered: ['Steps', 'Expected'] }],
  'invalid-settings': [
    { faults: ['a.yml: x: expected y; found z'] },
    { faults: ['a.yml: x: expected y; found z', 'a.yml: y: expected z; found a.'] },
  ],
  'unknown-agent': [
    { name: 'x', agents: ['a', 'b'], faults: [] },
    { name: 'x', agents: ['a'], faults: ['a.md:1: expected a name; found none'] },
  ],
  'unpriced-model': [{ agent: 'painter', source: '.claude/agents/painter.md', model: 'gpt-5' }],
  'tests-time-out': [
    { command: 'npm test', minutes: 0.5, missing: [], remark: '', output: 'waiting' },
    {
      command: 'npm test',
      minutes: 1,
      missing: ['The service db (mongo:8) is not available.'],
      remark: 'At the time limit, these programs still ran: "node a.js".',
      output: '',
    },
  ],
  'tests-print-too-much': [{ command: 'npm test' }],
  'test-command-missing': [{ command: 'nope', exitCode: 127, output: 'nope: not found' }],
  'nothing-to-change': [{ summary: 'It works already' }, { summary: 'It works already.' }],
  'no-change': [
    { text: null },
    { text: 'the model declined to continue' },
    { text: '@ada stopped the run.' },
    { text: 'is it done?' },
  ],
};
const reasons = Object.entries(refusals).flatMap(([kind, forms]) =>
  forms.map((form) => ({ kind, ...form }) as RefusalReason),
);

const now = new Date('2026-01-01T00:00:00Z');
const answered = (status: number, message: string) => Object.assign(new Error(message), { status });
const gitError = (text: string) => explainGitError(new Error(text), 'cloned').message;
const guarded = () => {
  try {
    guardOutput({ method: 'POST', url: '/issues', body: 'secret' }, (text) => text.includes('secret'));
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

/** Reasons that quote GitHub or git, and how people's stops and limits are told. */
const sentences: [reason: string][] = [
  [explainGitHubError(answered(404, 'Not Found'), 'read the issue', now).message],
  [explainGitHubError(answered(403, 'Repository is read-only.'), 'open the pull request', now).message],
  [explainGitHubError(answered(422, 'Validation Failed'), 'open the pull request', now).message],
  [gitError('The requested URL returned error: 401')],
  [gitError('The requested URL returned error: 301')],
  [gitError('fatal: something else')],
  [gitError('fatal: something else.')],
  [guarded()],
  ['@ada stopped the run.'],
];

/** Checks the words of a message: whole sentences, before and after its lists, quotes and code blocks. */
function expectWholeSentences(message: string): void {
  const bare = message.replace(/\*\*/g, '').replace(/\.github\//g, 'github/');
  expect(bare).not.toMatch(/[.!?;,]\s*[.;,]|[.!?]{2}|:\s*[.;,:]/);
  const paragraphs = bare.split(/\n\n|\n(?=(?:> )?- )/);
  for (const [index, paragraph] of paragraphs.entries()) {
    // What a program printed.
    if (/^(?:> ?)? {4}/.test(paragraph)) continue;
    const text = paragraph.replace(/^(?:> )?(?:- |\d+\. )?/, '');
    if (!/^(?:> )?- /.test(paragraph)) expect(text).toMatch(/^(?:[A-Z@`#]|github\/)/);
    // A colon introduces the next paragraph.
    expect(text).toMatch(index < paragraphs.length - 1 ? /[^.!?:][.!?:]$/ : /[^.!?:][.!?]$/);
  }
}

describe('people read whole sentences', () => {
  test.each(reasons)('when a request is refused: $kind', (reason) => {
    expectWholeSentences(describeRefusal(reason));
    const next = describeNextStep(reason);
    if (next) expectWholeSentences(next);
    if (reason.kind.startsWith('ci-'))
      expectWholeSentences(renderUnfixedChecks('0123456789abc', reason, escapeOnly));
    for (const kind of ['label', 'control'] as const)
      expectWholeSentences(renderRefusal({ sender: { login: 'ada' }, kind } as never, reason, escapeOnly));
    const outcome: Outcome = { kind: 'refusal', reason };
    expectWholeSentences(renderOutcome(outcome, escapeOnly));
    expectWholeSentences(renderFollowUpOutcome(outcome, null, escapeOnly));
  });

  test.each(sentences)('when a run ends: %s', (reason) => {
    expectWholeSentences(reason);
    for (const kind of ['stopped', 'failed'] as const) {
      expectWholeSentences(renderOutcome({ kind, reason }, escapeOnly));
      expectWholeSentences(renderFollowUpOutcome({ kind, reason }, null, escapeOnly));
    }
  });

  test.each<[Outcome]>([
    [{ kind: 'pull-request', number: 8, url: '' }],
    [{ kind: 'draft', number: 8, url: '', reasons: ['1 test fails now.'], unfinished: false }],
    [{ kind: 'question', questions: ['Which name?'] }],
  ])('when a run has a result: $kind', (outcome) => {
    expectWholeSentences(renderOutcome(outcome, escapeOnly));
    expectWholeSentences(renderFollowUpOutcome(outcome, '`0123456789`', escapeOnly));
  });
});

test.each([
  ['a text without a period gets one', 'it stopped (429)', 'it stopped (429).'],
  ['a text with a period keeps it', 'It stopped. ', 'It stopped.'],
  ['a question stays a question', 'Is it installed?', 'Is it installed?'],
  ['a period within parentheses counts', 'It stopped (see the log.)', 'It stopped (see the log.)'],
  ['a text of several lines is left as it is', 'Two:\n- a\n- b', 'Two:\n- a\n- b'],
])('asSentence: %s', (_, text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});
