import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { emptyEnvironment } from '../../src/environment/environment.js';
import type { Repository } from '../../src/task/task.js';
import { openMirrors } from '../../src/workspace/mirrors/open-mirrors.js';
import { openWorkspaces } from '../../src/workspace/open-workspaces.js';
import { emptyProvision } from '../../src/workspace/provision.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const name = 'acme/tools';
const machines = new Map<string, ReturnType<typeof openWorkspaces>>();
const bundles = new Map<string, Buffer>();
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let repository: Repository;
let base: string;
let open: (machine: string, runId?: string, setup?: string[], branch?: string) => Promise<Workspace>;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  const made = await github.createRepository(name, {
    files: { 'a.txt': 'one\n', 'sub/b.txt': 'two\n', '.gitignore': 'built/\n' },
  });
  github.setRole(name, 'ada', 'maintain');
  const installation = github.state.installationFor(made);
  repository = {
    id: made.id,
    owner: 'acme',
    name: 'tools',
    defaultBranch: 'main',
    private: false,
    installationId: installation.id,
  };
  const grantGitAccess = async ({ name }: Repository, access: 'read' | 'write') => ({
    name,
    token: github.tokens.mint(installation, [made.id], { contents: access, metadata: 'read' }).value,
  });
  open = async (machine, runId = 'run-1', setup = [], branch = 'main') => {
    const home = path.join(folder.path, machine);
    const sandboxes = await openTestSandboxes(home);
    const mirrors = openMirrors({
      folder: path.join(home, 'mirrors'),
      webUrl: github.url,
      uid: sandboxes.uid,
      grantGitAccess,
    });
    const mirror = await mirrors.update(repository);
    base = (await mirror.resolve(branch))?.commit ?? '';
    const checkpoints = {
      save: async (_: string, commit: string, bundle: Buffer) => void bundles.set(commit, bundle),
      load: async (_: string, commit: string) => bundles.get(commit) ?? null,
    };
    const workspaces =
      machines.get(machine) ??
      openWorkspaces({
        folder: path.join(home, 'runs'),
        webUrl: github.url,
        sandboxes,
        mirrors,
        checkpoints,
        grantGitAccess,
        findSibling: async () => null,
        egressOf: () => ({ allowed: null, notGranted: [] }),
        provide: async () => emptyProvision,
      });
    machines.set(machine, workspaces);
    return workspaces.open({
      runId,
      repository,
      baseCommit: base,
      commits: [],
      baseBranch: 'main',
      environment: emptyEnvironment,
      setup: ['mkdir built; date +%s%N > built/stamp', ...setup],
      egress: null,
      setupTimeoutMs: 60_000,
    });
  };
});

afterAll(async () => {
  await github.stop();
  await folder.remove();
  expect(github.violations).toEqual([]);
});

const shell = async (workspace: Workspace, script: string) =>
  (await workspace.sandbox.execute({ script, timeoutMs: 20_000 })).output;

describe('a workspace', () => {
  test('the same content gives the same checkpoint, and another machine restores it', async () => {
    const first = await open('one');
    await shell(first, 'echo more >> a.txt; rm sub/b.txt; printf x > "odd name"; chmod +x "odd name"');
    const checkpoint = await first.checkpoint();
    expect(await first.checkpoint()).toEqual(checkpoint);
    await first.dispose();

    const second = await open('two');
    await second.restore(checkpoint.commit);
    expect(await shell(second, 'cat a.txt "odd name"; test -x "odd name" && ls sub 2>&1; ls built')).toMatch(
      /^one\nmore\nx.*No such file.*\nstamp\n$/s,
    );
    expect((await second.checkpoint()).commit).toBe(checkpoint.commit);
    expect(await second.readChanges(checkpoint.commit)).toEqual([
      expect.objectContaining({ path: 'a.txt', status: 'modified', added: 1, deleted: 0, size: 9 }),
      expect.objectContaining({ path: 'odd name', status: 'added', newMode: '100755' }),
      expect.objectContaining({ path: 'sub/b.txt', status: 'deleted', blob: null }),
    ]);
    expect(await second.readAddedLines(checkpoint.commit, 'a.txt')).toEqual([{ line: 2, text: 'more' }]);
    await second.restore(base);
    expect(await shell(second, 'git status --short; cat sub/b.txt')).toBe('two\n');
    await second.dispose();
    expect(await readdir(path.join(folder.path, 'two', 'runs'))).toEqual([]);
  });

  test('files that the set-up changed or created are not part of a checkpoint', async () => {
    const workspace = await open('machine-set-up', 'run-set-up', [
      "mkdir 'left [by]'; touch 'left [by]/x' left.egg; echo changed > a.txt",
    ]);
    await workspace.sandbox.execute({ script: 'ls; touch new', timeoutMs: 10_000 });
    const { stdout } = await workspace.sandbox.execute({
      script: 'cat a.txt; ls -d left*; git status --short',
      timeoutMs: 10_000,
    });
    expect(stdout).toBe('one\nleft [by]\nleft.egg\n?? new\n');
    const { commit } = await workspace.checkpoint();
    expect((await workspace.readChanges(commit)).map((change) => change.path)).toEqual(['new']);
    await workspace.dispose();
  });

  test('a file whose line endings git converts is part of a checkpoint only when the agent changed it', async () => {
    await github.commitFiles(name, {
      author: 'ada',
      branch: 'windows',
      message: 'Ask for other line ends than there are',
      files: { '.gitattributes': '*.win text\n', 'c.win': 'x\r\ny\r\n' },
    });
    const workspace = await open('one', 'run-converted', [], 'windows');
    workspace.markDirty();
    await workspace.sandbox.execute({ script: 'echo more >> a.txt; touch c.win', timeoutMs: 10_000 });
    const paths = async () =>
      (await workspace.readChanges((await workspace.checkpoint()).commit)).map((change) => change.path);
    expect(await paths()).toEqual(['a.txt']);
    await workspace.sandbox.execute({ script: 'echo z >> c.win', timeoutMs: 10_000 });
    expect(await paths()).toEqual(['a.txt', 'c.win']);
    await machines.get('one')?.discard('run-converted');
  });

  test('a scratch copy has the content of the commit and nothing else from the agent', async () => {
    const workspace = await open('one', 'run-copies');
    await shell(
      workspace,
      'echo changed > a.txt; echo faked > built/stamp; echo new > test.txt; git config core.hooksPath /workspace/h; echo x > ~/.bashrc',
    );
    const { commit } = await workspace.checkpoint();
    const check = await workspace.openScratchCopy(commit);
    const plain = {
      script:
        'cat a.txt test.txt; grep -c faked built/stamp; git config core.hooksPath; ls -A ~; git status --short',
      timeoutMs: 10_000,
    };
    expect((await check.sandbox.execute(plain)).output).toBe('changed\nnew\n0\n');
    await check.dispose();
    const onBase = await workspace.openScratchCopy(base, { commit, paths: ['test.txt', 'sub/b.txt'] });
    expect(
      (await onBase.sandbox.execute({ script: 'cat a.txt test.txt sub/b.txt', timeoutMs: 10_000 })).output,
    ).toBe('one\nnew\ntwo\n');
    await onBase.dispose();
    await workspace.dispose();
  });

  test('git runs nothing that the agent planted, neither in the sandbox nor on the host', async () => {
    const workspace = await open('one', 'run-hostile');
    const proof = path.join(folder.path, 'pwned');
    await mkdir(path.join(folder.path, 'tools'), { recursive: true });
    await writeFile(path.join(folder.path, 'tools', 'plant.sh'), '');
    await shell(
      workspace,
      `P='touch /workspace/pwned ${proof}'
       git config core.fsmonitor "$P"; git config core.sshCommand "$P"; git config diff.external "$P"; git config filter.evil.clean "$P"; git config filter.evil.smudge "$P"
       git config url.http://127.0.0.1:1/.insteadOf ${github.url}/; git config credential.helper "!$P"; git config core.editor "$P"; git config gpg.program "$P"
       printf '#!/bin/sh\\n%s\\n' "$P" | tee .git/hooks/pre-commit .git/hooks/post-checkout .git/hooks/post-index-change > .git/hooks/reference-transaction; chmod +x .git/hooks/*
       echo '* filter=evil diff=evil' > .gitattributes; git init -q inner; git -C inner config core.fsmonitor "$P"; echo x > inner/f
       mkdir -p .GIT; echo x > .GIT/config; ln -s /etc/passwd link; echo changed > a.txt; rm -rf .git; ln -s /workspace/inner/.git .git`,
    );
    const { commit } = await workspace.checkpoint();
    expect((await workspace.readChanges(commit)).map(({ path: file }) => file)).toEqual([
      '.gitattributes',
      'a.txt',
      'link',
    ]);
    expect(await workspace.readOmittedPaths(commit)).toEqual({
      nestedRepositories: ['inner'],
      refusedPaths: ['.GIT/config'],
      tooLarge: [],
      filters: new Map([
        ['.gitattributes', 'evil'],
        ['a.txt', 'evil'],
        ['link', 'evil'],
      ]),
    });
    const pushed = await push(workspace, commit, 'pullwright/hostile');
    expect(await github.readFile(name, 'heads/pullwright/hostile', 'a.txt')).toBe('changed\n');
    expect(pushed).toMatch(/^[0-9a-f]{40}$/);
    expect(await shell(workspace, 'ls pwned 2>&1')).toContain('No such file');
    expect(existsSync(proof)).toBe(false);
    await workspace.dispose();
  });

  test('a repeated push makes the same commit, and a push never overwrites the work of people', async () => {
    const workspace = await open('one', 'run-push');
    await shell(workspace, 'echo pushed > a.txt');
    const { commit } = await workspace.checkpoint();
    const first = await push(workspace, commit, 'pullwright/issue-1');
    expect(await push(workspace, commit, 'pullwright/issue-1')).toBe(first);

    const theirs = await github.commitFiles(name, {
      branch: 'pullwright/issue-1',
      files: { 'theirs.txt': 'x' },
      message: 'Theirs',
      author: 'acme',
    });
    await shell(workspace, 'echo again > a.txt');
    const next = await workspace.checkpoint();
    await expect(push(workspace, next.commit, 'pullwright/issue-1', first)).rejects.toThrow(
      'Someone else changed the branch',
    );
    expect(await github.readFile(name, theirs, 'theirs.txt')).toBe('x');
    await workspace.dispose();
  });

  test('a push waits for another push in progress, but fails when a conflicting branch exists', async () => {
    const workspace = await open('one', 'run-twice');
    await shell(workspace, 'echo twice > a.txt');
    const { commit } = await workspace.checkpoint();
    const refs = path.join(github.state.repository(name).folder, 'refs', 'heads');
    const lock = path.join(refs, 'pullwright', 'issue-3.lock');
    await mkdir(path.dirname(lock), { recursive: true });
    await writeFile(lock, '');
    await expect(push(workspace, commit, 'pullwright/issue-3')).rejects.toMatchObject({ name: 'RetryLater' });
    await rm(lock);
    expect(await push(workspace, commit, 'pullwright/issue-3')).toMatch(/^[0-9a-f]{40}$/);
    await expect(push(workspace, commit, 'pullwright/issue-3/below')).rejects.toMatchObject({
      name: 'RunEndedError',
    });
    await workspace.dispose();
  });

  test('a refused push ends the run with an explanation, and a server error is retried', async () => {
    const workspace = await open('one', 'run-refused');
    await shell(workspace, 'mkdir -p .github/workflows; echo "on: push" > .github/workflows/x.yml');
    const { commit } = await workspace.checkpoint();
    await expect(push(workspace, commit, 'pullwright/issue-2')).rejects.toThrow(/workflow files/);
    github.failNext({ operation: 'git/receive-pack', status: 502 });
    await expect(push(workspace, commit, 'pullwright/issue-2')).rejects.toMatchObject({ name: 'RetryLater' });
    await workspace.dispose();
  });

  test('a set-up that a crash interrupted starts again', async () => {
    const workspace = await open('three', 'run-crash');
    await workspace.sandbox.dispose();
    machines.delete('three');
    await rm(path.join(folder.path, 'three', 'runs', 'run-crash', 'set-up.json'));
    const again = await open('three', 'run-crash');
    expect(await shell(again, 'cat a.txt built/stamp | head -1')).toBe('one\n');
    await again.dispose();
  });
});

function push(
  workspace: Workspace,
  checkpoint: string,
  branch: string,
  lease: string | null = null,
): Promise<string> {
  const author = { name: 'bot', email: 'bot@example.org' };
  return workspace.push({
    checkpoint,
    parents: [base],
    branch,
    message: 'Change',
    author,
    date: '2026-01-02T03:04:05Z',
    lease,
  });
}
