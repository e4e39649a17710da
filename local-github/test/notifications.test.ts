import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findMentions } from '../changes/notifications.js';
import { mintToken, shop, startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

const toldTo = (login: string) =>
  world.github.notifications(login).map(({ reason, text }) => [reason, text] as const);

test('a new comment notifies those who take part and those whom it mentions; an edit notifies nobody', async () => {
  const { github } = world;
  for (const login of ['ada', 'bob', 'eve']) github.setRole('acme/shop', login, 'write');
  const number = await github.openIssue('acme/shop', { title: 'Say two', author: 'ada' });
  const { octokit } = await mintToken(github, { issues: 'write' });
  const { data } = await octokit.rest.issues.createComment({
    ...shop,
    issue_number: number,
    body: 'Hello @bob, not `@eve` and not a@eve.example',
  });
  await octokit.rest.issues.updateComment({ ...shop, comment_id: data.id, body: 'Hello @eve' });
  expect(toldTo('ada')).toEqual([['author', data.body]]);
  expect(toldTo('bob')).toEqual([['mention', data.body]]);
  expect(toldTo('eve')).toEqual([]);

  // Nobody is notified of what they did themselves.
  await github.comment('acme/shop', number, 'I see.', 'bob');
  expect(toldTo('bob')).toHaveLength(1);
  expect(toldTo('ada').at(-1)).toEqual(['author', 'I see.']);
});

test('labels, reactions and comments in a repository that a person cannot read notify nobody', async () => {
  const { github } = world;
  if (!github.state.findAccount('eve')) github.addUser('eve');
  await github.createRepository('acme/vault', { private: true });
  github.setRole('acme/vault', 'ada', 'write');
  const number = await github.openIssue('acme/vault', { title: 'x', author: 'ada' });
  await github.label('acme/vault', number, 'backend', 'ada');
  await github.comment('acme/vault', number, '@eve look', 'ada');
  expect(toldTo('eve')).toEqual([]);
  expect(toldTo('ada')).toEqual([]);
});

test.each([
  ['@ada @Bob-2: @acme/team', ['ada', 'bob-2']],
  ['a@b.example, /@ada, `@ada`', []],
  ['```\n@ada\n```\n\n<!-- @ada -->\n\n[@ada](https://x.example)', []],
  ['@pullwright[bot] implement', ['pullwright[bot]']],
])('%j mentions %j', (text, logins) => {
  expect(findMentions(text)).toEqual(logins);
});
