import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { git, mintToken, shop, startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

test('a token reaches only its repositories, and only with its permissions', async () => {
  const { github, folder } = world;
  await github.createRepository('acme/secret', { private: true });
  const { token, octokit } = await mintToken(github, { contents: 'read', issues: 'read' });
  await expect(octokit.rest.repos.get({ owner: 'acme', repo: 'secret' })).rejects.toMatchObject({
    status: 404,
  });
  await expect(
    octokit.rest.pulls.create({ ...shop, title: 'x', head: 'x', base: 'main' }),
  ).rejects.toMatchObject({ status: 403 });
  const push = await git(
    token,
    folder,
    `--git-dir=${github.state.repository('acme/shop').folder}`,
    'push',
    `${github.url}/acme/shop.git`,
    'main:refs/heads/new',
  );
  expect(push).toMatchObject({
    code: 128,
    text: expect.stringContaining('Write access to repository not granted'),
  });
});

test('an expired token is refused', async () => {
  const { octokit } = await mintToken(world.github, { contents: 'read' });
  world.github.tokens.expireAll();
  await expect(octokit.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });
});

test('a token with a permission that the manifest does not ask for is refused', async () => {
  await expect(mintToken(world.github, { actions: 'read' })).rejects.toMatchObject({ status: 422 });
});
