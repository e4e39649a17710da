import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { createGitHub, type GitHub } from '../../src/github/github.js';
import { updatePullRequest, upsertPullRequest } from '../../src/github/pulls.js';
import { createLog } from '../../src/log.js';
import type { Repository } from '../../src/task/task.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const name = 'acme/shop';
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let client: GitHub;
let repository: Repository;
let number = 0;
let branches = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  github.addUser('ada');
  await github.createRepository(name, { files: { 'a.txt': 'one\n' } });
  github.setRole(name, 'ada', 'maintain');
  client = createGitHub({
    appId: github.appId,
    privateKey: github.privateKey,
    apiUrl: `${github.url}/api/v3`,
    webUrl: github.url,
    log: createLog('fatal', []),
    now: () => new Date(),
    beforeRequest: async () => {},
    holdsSecret: () => false,
  });
  const shop = github.state.repository(name);
  repository = {
    id: shop.id,
    owner: 'acme',
    name: 'shop',
    defaultBranch: 'main',
    private: false,
    installationId: github.state.installationFor(shop).id,
  };
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.stop();
  await folder.remove();
});

const wanted = (more: { title?: string; draft?: boolean } = {}) => ({
  title: 'Say two',
  body: 'Measured.',
  head: `pullwright/issue-${branches}`,
  base: 'main',
  draft: false,
  ...more,
});
const upsert = (more: Parameters<typeof wanted>[0] = {}) =>
  upsertPullRequest(client, repository, wanted(more));
const update = (more: Parameters<typeof wanted>[0] = {}) =>
  updatePullRequest(client, repository, number, wanted(more));
const shown = () => {
  const { title, body, state, pull } = github.state.pullRequest(github.state.repository(name), number);
  return { title, body, state, base: pull.base, draft: pull.draft };
};
const pulls = () => github.pullRequests(name).length;

/** A branch of the bot's, and its pull request. */
beforeEach(async () => {
  branches += 1;
  await github.commitFiles(name, {
    branch: `pullwright/issue-${branches}`,
    files: { 'a.txt': `two ${branches}\n` },
    message: 'Say two',
    author: 'ada',
  });
  number = (await upsert({ draft: true })).number;
});

test("the bot's own title and draft state are updated any number of times", async () => {
  const before = pulls();
  for (const draft of [false, true, false]) {
    expect((await upsert({ title: `Say it, ${draft}`, draft })).number).toBe(number);
    expect(shown()).toMatchObject({ title: `Say it, ${draft}`, draft });
  }
  expect(pulls()).toBe(before);
});

test("a title that people set stays, even after one of the bot's", async () => {
  await upsert({ title: 'Say two, twice' });
  await github.editIssue(name, number, { title: 'feat: two (SHOP-12)' }, 'ada');
  await update({ title: 'Say three' });
  await upsert({ title: 'Say four' });
  expect(shown()).toMatchObject({ title: 'feat: two (SHOP-12)', body: 'Measured.' });
});

test('a base that people set stays', async () => {
  await github.commitFiles(name, {
    branch: 'release',
    files: { 'r.txt': 'r\n' },
    message: 'R',
    author: 'ada',
  });
  await github.setBase(name, number, 'release');
  await update();
  await upsert();
  expect(shown().base).toBe('release');
});

test('a draft state that people set stays, and one that the bot set does not', async () => {
  await upsert();
  await github.setDraft(name, number, true, 'ada');
  await update();
  expect(shown().draft).toBe(true);
  await github.setDraft(name, number, false, 'ada');
  await update({ draft: true });
  await update();
  expect(shown().draft).toBe(false);
});

test('a merged or closed pull request is not updated, and no other is opened', async () => {
  await github.closeIssue(name, number, 'ada');
  const before = pulls();
  await expect(update()).rejects.toMatchObject({
    outcome: { kind: 'stopped', reason: 'The pull request was closed.' },
  });
  await github.reopenIssue(name, number, 'ada');
  await github.mergePullRequest(name, number, 'ada');
  await expect(update()).rejects.toMatchObject({
    outcome: { kind: 'stopped', reason: 'The pull request was merged.' },
  });
  expect(pulls()).toBe(before);
});
