import { describe, expect, test } from '@jest/globals';
import { hasRequest } from '../../../src/workflows/accept-trigger/has-request.js';

const review = (body: string, state = 'commented') => ({ state, body, threads: [] });
const thread = (...comments: [body: string, inReview: boolean][]) => ({
  id: 'T',
  path: 'a.txt',
  place: { line: 1, startLine: null, removed: false, outdated: false, hunk: '' },
  resolvedBy: null,
  comments: comments.map(([body, ours]) => ({ author: 'ada', body, inReview: ours })),
});

describe('a review that only praises requests nothing:', () => {
  test.each([
    '',
    'LGTM!',
    'Nice!',
    'Nice work, thank you very much 🎉',
    'Great job',
    'Good catch.',
    'Good idea, nice one',
    'Thanks for the fix!',
    'thank you so much for this great work',
    'Ship it :ship: :rocket:',
    'Looks clean, very nice and clean',
    'This works. +1',
    'Thanks 👍🏽 ❤️',
    ':+1: :tada:',
  ])('%j', (body) => expect(hasRequest(review(body, 'approved'))).toBe(false));
});

describe('in doubt a review requests changes:', () => {
  test.each([
    'Fix this.',
    'fix it',
    'Clean this',
    'catch this',
    'fix that job',
    'Work this all to the point',
    'Ship this',
    'Nice catch, fix it',
    'Good, fix this',
    'thanks for fix',
    'Look to the one',
    'Nice?',
    '👎',
    '❌',
    '✗',
    ':-1:',
    ':x:',
    'Nice 👎',
    '-1',
    'Nice, but louder',
  ])('%j', (body) => expect(hasRequest(review(body))).toBe(true));

  test('when changes are requested, with any text', () => {
    expect(hasRequest(review('Nice!', 'changes_requested'))).toBe(true);
    expect(hasRequest(review('', 'changes_requested'))).toBe(false);
    expect(hasRequest(review('Say good day.', 'dismissed'))).toBe(false);
  });

  test('only because of its own comments', () => {
    expect(hasRequest({ ...review(''), threads: [thread(['Fix this.', false], ['Thanks!', true])] })).toBe(
      false,
    );
    expect(
      hasRequest({ ...review('Nice!'), threads: [thread(['Thanks!', false], ['Fix this.', true])] }),
    ).toBe(true);
  });
});
