import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

test('a label is delivered with a valid signature, and a redelivery keeps its guid', async () => {
  const { github, received } = world;
  const number = await github.openIssue('acme/shop', { title: 'Bug', body: 'Fix it', author: 'alice' });
  const delivery = await github.label('acme/shop', number, 'backend', 'alice');
  expect(delivery).toMatchObject({ event: 'issues', action: 'labeled', statusCode: 200 });
  const again = await github.redeliver(delivery?.id ?? 0);
  expect(again).toMatchObject({ guid: delivery?.guid, redelivery: true });
  expect(received.map(({ action }) => action)).toEqual(['opened', 'labeled', 'labeled']);
  expect(received.every(({ signed }) => signed)).toBe(true);
  expect(github.violations).toEqual([]);
});

test('an event that the manifest does not name is not delivered', async () => {
  const { github, received } = world;
  await github.commitFiles('acme/shop', {
    branch: 'fix',
    files: { 'a.txt': 'two\n' },
    message: 'Say two',
    author: 'alice',
  });
  const number = await github.openPullRequest('acme/shop', { title: 'Fix', head: 'fix', author: 'alice' });
  const { delivery } = await github.submitReview('acme/shop', number, { state: 'approved' }, 'alice');
  expect(delivery).toBeNull();
  expect(received.map(({ event }) => event)).toEqual(['pull_request']);
});

test('a receiver that is down is recorded as a 502', async () => {
  const { github } = world;
  github.setWebhook('http://127.0.0.1:1/', 'secret');
  const number = await github.openIssue('acme/shop', { title: 'Bug', author: 'alice' });
  expect(await github.label('acme/shop', number, 'backend', 'alice')).toMatchObject({ statusCode: 502 });
  expect(github.log.at(-1)).toMatch(/^delivery issues\.labeled .*: 502 failed to connect to host$/);
});
