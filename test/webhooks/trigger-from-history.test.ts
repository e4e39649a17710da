import { expect, test } from '@jest/globals';
import { isFailedTrigger } from '../../src/webhooks/is-failed-trigger.js';
import { findLabeling, mayBeCommand, triggerFromLabeling } from '../../src/webhooks/trigger-from-history.js';

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
const person = (login: string) => ({ login, id: 7, type: 'User' });
const event = (id: number, kind: string, label: string, login: string | null) => ({
  id,
  event: kind,
  created_at: at(id),
  label: { name: label },
  actor: login === null ? null : person(login),
});

test('the last person who added the label is the requester, regardless of case', () => {
  const events = [
    event(1, 'labeled', 'backend', 'ada'),
    event(2, 'unlabeled', 'backend', 'ada'),
    event(3, 'labeled', 'Backend', 'bob'),
    event(4, 'labeled', 'frontend', 'eve'),
    { id: 5, event: 'renamed' },
  ];
  expect(findLabeling(events, 'backend')).toEqual({ eventId: 3, at: at(3), by: person('bob') });
});

test('a label that was removed, or that nobody is known to have added, requests nothing', () => {
  const on = event(1, 'labeled', 'backend', 'ada');
  expect(findLabeling([on, event(2, 'unlabeled', 'backend', 'ada')], 'backend')).toBeNull();
  expect(findLabeling([on, event(2, 'labeled', 'backend', null)], 'backend')).toBeNull();
  expect(findLabeling([], 'backend')).toBeNull();
});

test('an edit after the label prevents the run, one before it does not', () => {
  const repository = {
    id: 1,
    owner: 'acme',
    name: 'shop',
    defaultBranch: 'main',
    private: false,
    installationId: 2,
  };
  const issue = (editedAt: string | null) => ({
    number: 1,
    title: 't',
    body: 'b',
    state: 'open',
    html_url: 'https://github.example/acme/shop/issues/1',
    editedAt,
  });
  const obstacleOf = (editedAt: string | null) => {
    const labeling = { eventId: 9, at: at(5), by: person('ada') };
    return triggerFromLabeling(repository, issue(editedAt), 'backend', labeling)?.refusalReason;
  };
  expect(obstacleOf(null)).toBeNull();
  expect(obstacleOf(at(5))).toBeNull();
  expect(obstacleOf(at(6))).toEqual({ kind: 'edited-since-missed' });
});

test('an edited comment and one of a bot are not commands', () => {
  const comment = { id: 1, body: '/implement', created_at: at(1), updated_at: at(1), user: person('ada') };
  expect(mayBeCommand(comment)).toBe(true);
  expect(mayBeCommand({ ...comment, updated_at: at(2) })).toBe(false);
  expect(mayBeCommand({ ...comment, user: { ...person('x[bot]'), type: 'Bot' } })).toBe(false);
  expect(mayBeCommand({ ...comment, user: null })).toBe(false);
});

test('only failed deliveries that may request something are redelivered', () => {
  const failed = (event: string, action: string | null, statusCode: number) =>
    isFailedTrigger({ event, action, statusCode });
  expect(failed('issues', 'labeled', 502)).toBe(true);
  expect(failed('issue_comment', 'created', 0)).toBe(true);
  expect(failed('issues', 'labeled', 202)).toBe(false);
  expect(failed('issues', 'opened', 502)).toBe(true);
  expect(failed('issues', 'edited', 502)).toBe(false);
  expect(failed('push', null, 502)).toBe(false);
});
