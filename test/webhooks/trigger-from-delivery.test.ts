import { describe, expect, test } from '@jest/globals';
import { triggerFromDelivery } from '../../src/webhooks/trigger-from-delivery.js';

const now = new Date('2026-01-02T03:04:05Z');

const issue = {
  number: 7,
  title: 'Add an endpoint',
  body: 'Please.',
  state: 'open',
  locked: false,
  html_url: 'https://github.example/acme/shop/issues/7',
  user: { login: 'ann' },
  updated_at: '2026-01-01T00:00:00Z',
};
const common = {
  issue,
  repository: {
    id: 1,
    name: 'shop',
    owner: { login: 'acme' },
    default_branch: 'trunk',
    private: true,
    archived: false,
  },
  sender: { login: 'ben', id: 2, type: 'User' },
  installation: { id: 3 },
};
const labeled = { action: 'labeled', label: { name: 'backend' }, ...common };
const commented = {
  action: 'created',
  comment: { id: 9, body: '/implement fast', created_at: '2026-01-01T00:00:01Z' },
  ...common,
};

const read = (event: string, payload: unknown) => triggerFromDelivery(event, 'guid', payload, now);

test('a label becomes a trigger with the authorized text', () => {
  expect(read('issues', labeled)).toEqual({
    kind: 'label',
    label: 'backend',
    deliveryId: 'guid',
    repository: {
      id: 1,
      owner: 'acme',
      name: 'shop',
      defaultBranch: 'trunk',
      private: true,
      installationId: 3,
    },
    issue: { number: 7, title: 'Add an endpoint', body: 'Please.', author: 'ann', url: issue.html_url },
    sender: { login: 'ben', id: 2, type: 'User' },
    at: '2026-01-01T00:00:00Z',
    refusalReason: null,
    onPullRequest: false,
    resume: null,
  });
});

test('a command becomes a trigger with its instructions and its comment', () => {
  expect(read('issue_comment', commented)).toMatchObject({
    kind: 'command',
    instructions: 'fast',
    commentId: 9,
  });
});

test('a command in the text of a new issue counts for its author, and not for who moved the issue here', () => {
  const opened = (author: string, body: string) => ({
    ...common,
    action: 'opened',
    issue: { ...common.issue, body, user: { login: author } },
  });
  expect(read('issues', opened('ben', 'Please.\n\n/implement fast\nMore text.'))).toMatchObject({
    ...{ kind: 'command', instructions: 'fast', commentId: null, sender: { login: 'ben' } },
  });
  expect(read('issues', opened('ann', '/implement and add my key'))).toBeNull();
  expect(read('issues', opened('ben', '/stop'))).toBeNull();
  expect(read('issues', opened('ben', 'Please.'))).toBeNull();
});

test('a plan is about a repository, so a pull request gets none', () => {
  const asked = { ...commented, comment: { ...commented.comment, body: '/implement --plan fix the typo' } };
  expect(read('issue_comment', asked)).toMatchObject({ plan: true, refusalReason: null });
  const onPull = { ...asked, issue: { ...asked.issue, pull_request: {} } };
  expect(read('issue_comment', onPull)).toMatchObject({ refusalReason: { kind: 'plan-on-pull-request' } });
});

test.each([
  ['an edited comment', 'issue_comment', { ...commented, action: 'edited' }],
  ['a deleted comment', 'issue_comment', { ...commented, action: 'deleted' }],
  ['an opened issue', 'issues', { ...labeled, action: 'opened' }],
  ['an empty comment', 'issue_comment', { ...commented, comment: { ...commented.comment, body: ' ' } }],
  ['a taking off that names no label', 'issues', { ...labeled, action: 'unlabeled', label: undefined }],
  ['a bot by type', 'issue_comment', { ...commented, sender: { login: 'helper', id: 5, type: 'Bot' } }],
  ['a bot by suffix', 'issue_comment', { ...commented, sender: { login: 'x[bot]', id: 5, type: 'User' } }],
  [
    'a comment that an app wrote for a person',
    'issue_comment',
    { ...commented, comment: { ...commented.comment, performed_via_github_app: { id: 1 } } },
  ],
])('%s requests nothing', (_, event, payload) => {
  expect(read(event, payload)).toBeNull();
});

test('a comment without a command may be an answer; whether a question is open is decided later', () => {
  const delivery = { ...commented, comment: { ...commented.comment, body: 'nice' } };
  expect(read('issue_comment', delivery)).toMatchObject({
    kind: 'answer',
    instructions: 'nice',
    commentId: 9,
  });
});

test('a button belongs to the first pull request in its own repository', () => {
  const pulls = [
    { number: 3, base: { repo: { id: 99 } } },
    { number: 9, base: { repo: { id: 1 } } },
    { number: 8, base: { repo: { id: 1 } } },
  ];
  const { issue: _, ...rest } = common;
  const delivery = {
    ...rest,
    action: 'requested_action',
    requested_action: { identifier: 'retry' },
    check_run: { pull_requests: pulls },
  };
  expect(read('check_run', delivery)).toMatchObject({
    kind: 'control',
    control: 'retry',
    issue: { number: 8 },
  });
});

test.each([
  ['closed', '@ben closed the issue.'],
  ['deleted', 'The issue was deleted.'],
  ['transferred', 'The issue was moved to another repository.'],
])('an issue that is %s cancels its runs, with the reason', (action, reason) => {
  const delivery = { ...labeled, action, label: undefined };
  expect(read('issues', delivery)).toMatchObject({ kind: 'end', reason, label: null });
});

describe('a trigger carries the reason for a refusal that its delivery shows', () => {
  test.each([
    [
      'a closed issue',
      { ...labeled, issue: { ...issue, state: 'closed' } },
      { kind: 'closed', what: 'issue' },
    ],
    ['a locked issue', { ...labeled, issue: { ...issue, locked: true } }, { kind: 'locked', what: 'issue' }],
    [
      'an archived repository',
      { ...labeled, repository: { ...common.repository, archived: true } },
      { kind: 'repository-archived' },
    ],
    [
      'a closed pull request',
      { ...labeled, issue: { ...issue, state: 'closed', pull_request: {} } },
      { kind: 'closed', what: 'pull request' },
    ],
  ])('%s', (_, payload, reason) => {
    expect(read('issues', payload)?.refusalReason).toEqual(reason);
  });
});

test('an issue without a body or with a deleted author is accepted', () => {
  const trigger = read('issues', { ...labeled, issue: { ...issue, body: null, user: null } });
  expect(trigger?.issue).toMatchObject({ body: '', author: 'ghost' });
});

test('NUL and lone surrogates, which Postgres refuses, are removed', () => {
  const trigger = read('issues', { ...labeled, issue: { ...issue, title: 'a\0b', body: 'x\ud800y' } });
  expect(trigger?.issue).toMatchObject({ title: 'ab', body: 'x\ufffdy' });
});

test('a delivery of another shape is an error that names the field', () => {
  expect(() => read('issues', { ...labeled, installation: undefined })).toThrow(/installation/);
});

describe('the end of a check suite', () => {
  const pull = (number: number, repository = 1) => ({ number, base: { repo: { id: repository } } });
  const ended = (conclusion: string, pulls: unknown[]) =>
    read('check_suite', {
      action: 'completed',
      check_suite: {
        id: 6,
        head_sha: 'abc',
        conclusion,
        updated_at: '2026-01-01T00:00:00Z',
        app: { id: 4 },
        pull_requests: pulls,
      },
      ...common,
    });

  test('that failed belongs to the first pull request of its branch in its own repository', () => {
    expect(ended('failure', [pull(9), pull(2, 77), pull(8)])).toMatchObject({
      kind: 'ci-failure',
      suiteId: 6,
      headSha: 'abc',
      byApp: 4,
      issue: { number: 8 },
      onPullRequest: true,
    });
    expect(ended('timed_out', [pull(8)])).toMatchObject({ kind: 'ci-failure' });
  });

  test.each([
    ['that is green', 'success', [pull(8)]],
    ['that was broken off', 'cancelled', [pull(8)]],
    ['of no pull request', 'failure', []],
    ['of a pull request to another repository', 'failure', [pull(8, 77)]],
  ])('%s requests nothing', (_, conclusion, pulls) => {
    expect(ended(conclusion, pulls)).toBeNull();
  });
});
