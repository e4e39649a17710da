import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mintToken, startTestGitHub, type TestGitHub } from './start-test-github.js';

let world: TestGitHub;
const bytes = Buffer.from('the bytes of an image');

beforeEach(async () => {
  world = await startTestGitHub();
});

afterEach(() => world.stop());

const get = (url: string, token?: string) =>
  fetch(url, { redirect: 'manual', headers: token ? { authorization: `token ${token}` } : {} });

test('an attachment of a private repository does not exist without a token of the repository', async () => {
  const { github } = world;
  await github.createRepository('acme/other');
  const url = github.addAttachment('acme/shop', bytes);
  expect((await get(url)).status).toBe(404);
  expect((await get(url, 'ghs_wrong')).status).toBe(404);
  const { token } = await mintToken(github, { contents: 'read' });
  expect((await get(url, token)).status).toBe(302);
  expect((await get(github.addAttachment('acme/other', bytes))).status).toBe(302);
});

test('the storage accepts only a signed address, only for five minutes, and no credential', async () => {
  const { github } = world;
  const url = github.addAttachment('acme/shop', bytes, 'image/jpeg');
  const { token } = await mintToken(github, { contents: 'read' });
  const location = (await get(url, token)).headers.get('location') ?? '';
  expect(new URL(location).host).not.toBe(github.host);
  const answer = await get(location);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);

  expect((await get(location.replace(/Signature=.{4}/, 'Signature=0000'))).status).toBe(403);
  expect((await get(location.replace(/X-Amz-Date=\d{4}/, 'X-Amz-Date=2099'))).status).toBe(403);
  expect((await get(location, token)).status).toBe(400);
  expect(github.violations).toEqual([expect.stringContaining('sent a credential to the storage')]);
});
