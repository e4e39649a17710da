import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { controlActions } from '../control/handle-control.js';
import { type LocalGitHub, startLocalGitHub } from '../local-github.js';
import { operations } from '../rest/handle-rest.js';

const appManifest = {
  name: 'Test App',
  default_permissions: { issues: 'write' as const },
  default_events: ['issues'],
};
let folder: string;
let github: LocalGitHub;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-github-control-'));
  github = await startLocalGitHub({ folder: path.join(folder, 'github'), appManifest, control: true });
});

afterAll(async () => {
  await github.stop();
  await rm(folder, { recursive: true, force: true });
});

async function post(action: string, input: object, type = 'application/json') {
  const answer = await fetch(`${github.url}/_control/${action}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(input),
  });
  return { status: answer.status, ...((await answer.json()) as { error?: string; number?: number }) };
}

describe('the control API', () => {
  test('takes an issue from its opening to a merged pull request', async () => {
    const [repository, as] = ['acme/shop', 'ada'];
    for (const [action, input] of [
      ['create-repository', { repository, files: { 'a.txt': 'one\n' } }],
      ['set-role', { repository, login: as, role: 'maintain' }],
      ['open-issue', { repository, title: 'Say two', as }],
      ['comment', { repository, number: 1, body: 'Please.', as }],
      ['commit-files', { repository, branch: 'two', files: { 'a.txt': 'two\n' }, message: 'Say two', as }],
      ['open-pull-request', { repository, title: 'Say two', head: 'two', as }],
      ['submit-review', { repository, number: 2, state: 'approved', as }],
      ['merge', { repository, number: 2, as }],
      ['close', { repository, number: 1, as }],
    ] as const)
      expect({ action, ...(await post(action, input)) }).toMatchObject({ action, status: 200 });
    expect(await github.readFile('acme/shop', 'main', 'a.txt')).toBe('two\n');
    expect(github.state.issue(github.state.repository('acme/shop'), 1)).toMatchObject({
      state: 'closed',
      comments: [{ body: 'Please.', author: { login: 'ada' } }],
    });
  });

  test('refuses a wrong input with the fault, and an impossible action with the reason', async () => {
    expect(await post('open-issue', { repository: 'acme', title: 'x', as: 'ada' })).toMatchObject({
      status: 400,
      error: expect.stringContaining('expected owner/name'),
    });
    expect(await post('open-issue', { repository: 'acme/none', title: 'x', as: 'ada' })).toMatchObject({
      status: 400,
      error: expect.stringContaining('there is no repository "acme/none"'),
    });
    expect(await post('sing', {})).toMatchObject({ status: 404 });
  });

  test('takes nothing from a page in a browser, which cannot post JSON to another address', async () => {
    expect(await post('add-user', { login: 'eve' }, 'text/plain')).toMatchObject({ status: 415 });
    expect(github.state.findAccount('eve')).toBeUndefined();
  });

  test('lists its actions, and the README names every one', async () => {
    const answer = await fetch(`${github.url}/_control`);
    const { actions } = (await answer.json()) as { actions: Record<string, { input: object }> };
    expect(Object.keys(actions)).toEqual(Object.keys(controlActions));
    expect(Object.keys(actions.label?.input ?? {})).toEqual(['repository', 'as', 'number', 'label']);
    const readme = await readFile(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');
    for (const name of Object.keys(actions)) expect(readme).toContain(`\`${name}\``);
  });

  test('is not there unless it is asked for', async () => {
    const other = await startLocalGitHub({ folder: path.join(folder, 'other'), appManifest });
    try {
      expect((await fetch(`${other.url}/_control`)).status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});

test('the README lists every REST operation that is played, and no other', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('- **REST API**'), readme.indexOf('- **GraphQL API**'));
  const listed = [...section.matchAll(/`([\w-]+\/[\w-]+)`/g)].map(([, id]) => id);
  expect(listed.sort()).toEqual(Object.keys(operations).sort());
  expect(section).toContain(`${listed.length} operations`);
});
