import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { createGitHub, type GitHub } from '../../src/github/github.js';
import { createLog } from '../../src/log.js';
import { holdsActiveSecret } from '../../src/secrets/find-secrets.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const active = 'an-active-secret-of-this-process-7q';
let local: LocalGitHub;
let github: GitHub;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let repository: Parameters<GitHub['call']>[0];

beforeAll(async () => {
  folder = await createTemporaryFolder();
  local = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  github = createGitHub({
    appId: local.appId,
    privateKey: local.privateKey,
    apiUrl: `${local.url}/api/v3`,
    webUrl: local.url,
    log: createLog('fatal', []),
    now: () => new Date(),
    beforeRequest: async () => {},
    holdsSecret: (text) => holdsActiveSecret(text, [active, ...github.activeTokens()]),
  });
  const made = await local.createRepository('acme/gate');
  local.setRole('acme/gate', 'ada', 'maintain');
  await local.openIssue('acme/gate', { title: 'One', author: 'ada' });
  repository = {
    id: made.id,
    owner: 'acme',
    name: 'gate',
    installationId: local.state.installations[0]?.id ?? 0,
  } as typeof repository;
});

afterAll(async () => {
  await local.stop();
  await folder.remove();
});

const writes = () =>
  local.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('access_tokens'));
const at = { owner: 'acme', repo: 'gate' };
type Body = Parameters<GitHub['call']>[2];

describe('the gate to GitHub', () => {
  const cases: [string, string, Body][] = [
    [
      'a comment',
      'The body of a request',
      (octokit) => octokit.rest.issues.createComment({ ...at, issue_number: 1, body: `x ${active}` }),
    ],
    [
      'a title, encoded',
      'The title of a request',
      (octokit) =>
        octokit.rest.pulls.create({
          ...at,
          head: 'a',
          base: 'main',
          title: Buffer.from(active).toString('hex'),
        }),
    ],
    [
      'a field within a field',
      'The summary of a request',
      (octokit) =>
        octokit.rest.checks.create({
          ...at,
          name: 'n',
          head_sha: 'a',
          output: { title: 't', summary: active },
        }),
    ],
    [
      'a list',
      'The labels of a request',
      (octokit) => octokit.rest.issues.addLabels({ ...at, issue_number: 1, labels: [active] }),
    ],
    [
      'GraphQL variables',
      'The variables.body of a request',
      (octokit) =>
        octokit.graphql(
          'mutation ($body: String!) { addComment(input: { subjectId: "x", body: $body }) { clientMutationId } }',
          {
            body: active,
          },
        ),
    ],
    [
      'pieces over two fields',
      'A request to GitHub',
      (octokit) =>
        octokit.rest.pulls.create({
          ...at,
          head: 'a',
          base: 'main',
          title: active.slice(0, 15),
          body: active.slice(15),
        }),
    ],
    [
      'a comment, with invisible characters within',
      'The body of a request',
      (octokit) =>
        octokit.rest.issues.createComment({ ...at, issue_number: 1, body: [...active].join('\u200b') }),
    ],
    [
      'a header',
      'The headers.x-note of a request',
      (octokit) =>
        octokit.rest.issues.createComment({
          ...at,
          issue_number: 1,
          body: 'x',
          headers: { 'x-note': active },
        }),
    ],
    [
      'the name of a header',
      'The headers of a request',
      (octokit) =>
        octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'x', headers: { [active]: 'x' } }),
    ],
    [
      'a media type',
      'The mediaType.format of a request',
      (octokit) =>
        octokit.rest.issues.createComment({
          ...at,
          issue_number: 1,
          body: 'x',
          mediaType: { format: active },
        }),
    ],
    [
      'a query of many fields',
      'The query.note of a request',
      (octokit) =>
        octokit.request('POST /repos/{owner}/{repo}/notes', { ...at, query: { note: active } } as Record<
          string,
          unknown
        >),
    ],
    [
      'a query of GraphQL',
      'The query of a request',
      (octokit) =>
        octokit.graphql(`mutation { addStar(input: { starrableId: "${active}" }) { clientMutationId } }`),
    ],
    [
      'an address that has more to be filled in',
      'The address of a request',
      (octokit) => octokit.request(`POST /repos/{owner}/{repo}/notes?note=${active}`, at),
    ],
    [
      'the name of a field',
      'The names of a request',
      (octokit) => octokit.request('POST /repos/{owner}/{repo}/notes', { ...at, [active]: 'x' }),
    ],
  ];
  test.each(cases)(
    'lets no active secret out in %s, and names the field, never the value',
    async (_, where, body) => {
      const before = writes().length;
      const error = await github.call(repository, 'write', body, 'write-issues').then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ name: 'RunEndedError', outcome: { kind: 'failed' } });
      expect(error?.message).toContain(where);
      expect(error?.message).toContain('contains a credential, so it was not sent');
      expect(error?.message).not.toContain(active);
      expect(writes()).toHaveLength(before);
    },
  );

  test('never sends its own token in a text', async () => {
    const body: Body = (octokit) =>
      octokit.rest.issues.createComment({
        ...at,
        issue_number: 1,
        body: [...(github.activeTokens()[0] ?? '')].join(' '),
      });
    await expect(github.call(repository, 'write', body, 'write-issues')).rejects.toThrow(
      'contains a credential',
    );
  });

  test('rejects what is larger than GitHub accepts, in one clear line', async () => {
    const body: Body = (octokit) =>
      octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'x '.repeat(40_000) });
    await expect(github.call(repository, 'write', body, 'write-issues')).rejects.toThrow(
      "The body of a request to GitHub (POST /repos/{owner}/{repo}/issues/{issue_number}/comments) has 80000 characters; GitHub's limit is 65536, so it was not sent",
    );
  });

  test('lets requests without secrets pass', async () => {
    await github.call(
      repository,
      'write',
      (octokit) => octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'Good morning.' }),
      'write-issues',
    );
    expect(local.botComments('acme/gate', 1)).toMatchObject([{ body: 'Good morning.' }]);
  });
});

describe('a token', () => {
  const look = async () => {};
  const minted = () =>
    local.requests.filter(({ path }) => path.endsWith('/access_tokens')).map(({ body }) => body);

  test('is created for one repository with the fewest permissions', async () => {
    local.requests.length = 0;
    // Not as any other test has it: tokens are kept.
    const other = { ...repository, id: (await local.createRepository('acme/least')).id };
    await github.call(other, 'look', look);
    await github.call(other, 'write-issues', look, 'write-issues');
    await github.call(other, 'tell the result', look, 'write-checks');
    await github.call(other, 'make it a draft', look, 'change-pull-request');
    await github.grantGitAccess(other, 'read');
    await github.grantGitAccess(other, 'write');
    await github.callInstallation(other.installationId, 'look', look);
    const repository_ids = [other.id];
    const metadata = 'read';
    const reading = { contents: 'read', issues: 'read', pull_requests: 'read', metadata };
    expect(minted()).toEqual([
      { repository_ids, permissions: reading },
      { repository_ids, permissions: { ...reading, issues: 'write', pull_requests: 'write' } },
      { repository_ids, permissions: { checks: 'write', metadata } },
      { repository_ids, permissions: { contents: 'write', pull_requests: 'write', metadata } },
      { repository_ids, permissions: { contents: 'read', metadata } },
      { repository_ids, permissions: { contents: 'write', metadata } },
      { permissions: { metadata } },
    ]);
  });

  test('is reused for calls with the same purpose only', async () => {
    const other = { ...repository, id: (await local.createRepository('acme/kept')).id };
    local.requests.length = 0;
    for (const purpose of ['read', 'write-issues', 'read', 'write-issues'] as const)
      await github.call(other, 'look', look, purpose);
    expect(minted()).toHaveLength(2);
  });

  test('of a call that names no purpose writes nothing', async () => {
    const before = local.botComments('acme/gate', 1).length;
    const comment: Body = (octokit) =>
      octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'Good evening.' });
    await expect(github.call(repository, 'write', comment)).rejects.toThrow(
      /GitHub refused a request to write.*403/,
    );
    await expect(github.call(repository, 'write', comment, 'write-checks')).rejects.toThrow(/403/);
    expect(local.botComments('acme/gate', 1)).toHaveLength(before);
  });
});

test('a repository outside of the installation gets no token, even if its name matches', async () => {
  const forged = { ...repository, id: repository.id + 1000 };
  await expect(github.call(forged, 'write', async () => 'done')).rejects.toThrow(
    /GitHub refused a request to write/,
  );
});
