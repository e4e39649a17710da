import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { git, mintToken, shop, startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

test('an App pushes a branch and opens one pull request for it; a second one is refused', async () => {
  const { github, folder } = world;
  const { token, octokit } = await mintToken(github, { contents: 'write', pull_requests: 'write' });
  const clone = path.join(folder, 'clone');
  expect(await git(token, folder, 'clone', `${github.url}/acme/shop.git`, clone)).toMatchObject({ code: 0 });
  await writeFile(path.join(clone, 'a.txt'), 'two\n');
  await git(token, clone, 'commit', '-am', 'Say two');
  expect(await git(token, clone, 'push', 'origin', 'HEAD:refs/heads/fix')).toMatchObject({ code: 0 });

  const wanted = { ...shop, title: 'Say two', head: 'fix', base: 'main', draft: true };
  const { data } = await octokit.rest.pulls.create(wanted);
  await expect(octokit.rest.pulls.create(wanted)).rejects.toThrow(
    'A pull request already exists for acme:fix.',
  );
  await octokit.graphql(
    'mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }',
    { id: data.node_id },
  );
  expect(github.pullRequests('acme/shop')).toMatchObject([
    { number: data.number, pull: { head: 'fix', draft: false } },
  ]);
  expect(await github.readFile('acme/shop', 'fix', 'a.txt')).toBe('two\n');
  expect(await github.git('acme/shop', ['log', '--format=%s', 'main..fix'])).toBe('Say two\n');
  await github.deliveries.settle();
  expect(github.violations).toEqual([]);
});

test('a push that changes a workflow is refused with GitHub’s message', async () => {
  const { github, folder } = world;
  const { token } = await mintToken(github, { contents: 'write' });
  const clone = path.join(folder, 'clone');
  await git(token, folder, 'clone', `${github.url}/acme/shop.git`, clone);
  await mkdir(path.join(clone, '.github', 'workflows'), { recursive: true });
  await writeFile(path.join(clone, '.github', 'workflows', 'ci.yml'), 'on: push\n');
  await git(token, clone, 'add', '.github');
  await git(token, clone, 'commit', '-m', 'Add a workflow');
  const push = await git(token, clone, 'push', 'origin', 'HEAD:refs/heads/fix');
  expect(push.code).toBe(1);
  expect(push.text).toContain(
    'refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission',
  );
});
