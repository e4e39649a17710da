import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mintToken, shop, startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

test('a request that GitHub would refuse is a violation that names the field', async () => {
  const { octokit } = await mintToken(world.github, { checks: 'write' });
  const request = { ...shop, name: 'x', head_sha: '0'.repeat(40), status: 'finished' as 'completed' };
  await expect(octokit.rest.checks.create(request)).rejects.toMatchObject({ status: 422 });
  expect(world.github.violations).toEqual([
    expect.stringMatching(
      /^POST \/repos\/acme\/shop\/check-runs: the request does not match GitHub's description: \/status /,
    ),
  ]);
});

test('a GraphQL query that GitHub’s schema does not allow is a violation', async () => {
  const { octokit } = await mintToken(world.github, { contents: 'read' });
  await expect(octokit.graphql('{ viewer { shoeSize } }')).rejects.toThrow('shoeSize');
  expect(world.github.violations).toEqual([expect.stringContaining('shoeSize')]);
});

test('an operation that the local GitHub does not have is a violation', async () => {
  const { octokit } = await mintToken(world.github, { contents: 'read' });
  await expect(octokit.rest.repos.listForks(shop)).rejects.toMatchObject({ status: 404 });
  expect(world.github.violations).toEqual([
    'GET /repos/acme/shop/forks: the local GitHub has no such operation; README.md explains how to add an operation of GitHub',
  ]);
});

test('a fault after the effect loses only the answer', async () => {
  const { github } = world;
  const number = await github.openIssue('acme/shop', { title: 'Bug', author: 'alice' });
  const { octokit } = await mintToken(github, { issues: 'write' });
  github.failNext({ method: 'POST', path: /comments$/, status: 502, afterEffect: true });
  await expect(
    octokit.rest.issues.createComment({ ...shop, issue_number: number, body: 'Hello' }),
  ).rejects.toMatchObject({ status: 502 });
  expect(github.botComments('acme/shop', number)).toMatchObject([{ body: 'Hello' }]);
});

test('a held request waits until it is released', async () => {
  const { github } = world;
  const number = await github.openIssue('acme/shop', { title: 'Bug', author: 'alice' });
  const { octokit } = await mintToken(github, { issues: 'write' });
  const held = github.hold({ operation: 'issues/create-comment' });
  const created = octokit.rest.issues.createComment({ ...shop, issue_number: number, body: 'Hello' });
  await held.reached;
  expect(github.botComments('acme/shop', number)).toEqual([]);
  held.release();
  expect((await created).status).toBe(201);
});
