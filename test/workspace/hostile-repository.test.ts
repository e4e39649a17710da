import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/start-local-github.js';
import { scanChange } from '../../src/evidence/scan/scan-change.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const megabyte = 1024 * 1024;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let open: Awaited<ReturnType<typeof openTestWorkspaces>>['open'];
let proof: string;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  ({ open } = await openTestWorkspaces(folder.path, github, { fileBytes: 300 * megabyte }));
  proof = path.join(folder.path, 'pwned');
});

afterAll(async () => {
  await github.stop();
  await folder.remove();
  expect(github.violations).toEqual([]);
});

const shell = async ({ sandbox }: Pick<Workspace, 'sandbox'>, script: string, ...args: string[]) =>
  (await sandbox.execute({ script, args, timeoutMs: 60_000 })).output;
const changed = async (workspace: Workspace) => {
  const { commit } = await workspace.checkpoint();
  return (await workspace.readChanges(commit)).map((change) => change.path);
};
const push = (workspace: Workspace, base: string, checkpoint: string, branch: string) =>
  workspace.push({
    checkpoint,
    branch,
    message: 'Change',
    author: { name: 'bot', email: 'bot@example.org' },
    date: '2026-01-02T03:04:05Z',
    lease: null,
    parents: [base],
  });

/** Everything that git can be told to run, reads from, or goes to instead. */
const configuration = (program: string, elsewhere: string) =>
  [
    ...['core.fsmonitor', 'core.sshCommand', 'core.editor', 'core.pager', 'core.askPass', 'core.gitProxy'],
    ...['core.alternateRefsCommand', 'sequence.editor', 'gpg.program', 'gpg.ssh.program', 'gpg.x509.program'],
    ...[
      'gpg.ssh.defaultKeyCommand',
      'diff.external',
      'diff.evil.command',
      'diff.evil.textconv',
      'merge.evil.driver',
    ],
    ...[
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'filter.lfs.process',
      'filter.lfs.clean',
    ],
    ...['filter.lfs.smudge', 'uploadpack.packObjectsHook', 'receive.procReceiveRefs', 'credential.helper'],
    ...[
      'interactive.diffFilter',
      'pager.log',
      'pager.diff',
      'pager.status',
      'man.evil.cmd',
      'browser.evil.cmd',
    ],
    ...[
      'difftool.evil.cmd',
      'mergetool.evil.cmd',
      'trailer.evil.command',
      'trailer.evil.cmd',
      'log.showSignature',
    ],
    ...[
      'submodule.inner.update',
      'remote.origin.uploadpack',
      'remote.origin.receivepack',
      'remote.origin.vcs',
    ],
    ...['tar.evil.command', 'web.browser', 'instaweb.httpd', 'sendemail.smtpServer', 'guitool.evil.cmd'],
  ]
    .map((key) => [key, key.startsWith('submodule') || key === 'credential.helper' ? `!${program}` : program])
    .concat([
      ['alias.add', `!${program}`],
      ['alias.status', `!${program}`],
      ['alias.bundle', `!${program}`],
      ['include.path', '/workspace/included'],
      ['includeIf.gitdir:/.path', '/workspace/included'],
      ['core.hooksPath', '/workspace/hooks'],
      ['init.templateDir', '/workspace/template'],
      ['core.worktree', '/tmp'],
      ['core.excludesFile', '/workspace/everything'],
      ['core.attributesFile', '/workspace/included'],
      ['url.ext::sh.insteadOf', elsewhere],
      [`url.http://127.0.0.1:1/.insteadOf`, `${elsewhere}/`],
      ['url.file:///workspace/.pushInsteadOf', `${elsewhere}/`],
      ['protocol.ext.allow', 'always'],
      ['http.proxy', 'http://127.0.0.1:1'],
      ['http.sslVerify', 'false'],
      ['http.extraHeader', 'X-Evil: 1'],
      ['remote.origin.url', `ext::sh -c ${program}`],
      ['remote.pushDefault', 'origin'],
      ['branch.main.remote', 'origin'],
      ['extensions.worktreeConfig', 'true'],
      ['extensions.partialClone', 'origin'],
      ['push.recurseSubmodules', 'on-demand'],
      ['submodule.recurse', 'true'],
      ['commit.gpgSign', 'true'],
      ['push.gpgSign', 'if-asked'],
      ['core.bigFileThreshold', '1'],
      ['index.sparse', 'true'],
      ['core.splitIndex', 'true'],
    ]);

const hooks = [
  ...[
    'applypatch-msg',
    'pre-applypatch',
    'post-applypatch',
    'pre-commit',
    'prepare-commit-msg',
    'commit-msg',
  ],
  ...[
    'post-commit',
    'pre-rebase',
    'post-checkout',
    'post-merge',
    'pre-push',
    'pre-receive',
    'update',
    'post-update',
  ],
  ...[
    'post-receive',
    'reference-transaction',
    'push-to-checkout',
    'pre-auto-gc',
    'post-rewrite',
    'fsmonitor-watchman',
  ],
  ...['post-index-change', 'sendemail-validate', 'proc-receive', 'pre-merge-commit'],
];

describe('a repository that wants programs to be run (26)', () => {
  test('finds none run: by config, include, alias, attribute, hook or template, of the tree or of the home', async () => {
    const { workspace, base } = await open('acme/programs', { 'a.txt': 'one\n', 'b.txt': 'two\n' });
    const program = '/workspace/plant.sh';
    await shell(
      workspace,
      `printf '#!/bin/sh\\ntouch /workspace/pwned /snapshot/pwned "%s" 2>/dev/null\\ncat\\n' "$1" > plant.sh; chmod +x plant.sh
       shift; mkdir -p hooks template/hooks ~/.config/git
       while [ $# -gt 0 ]; do git config --file included --add "$1" "$2"; shift 2; done
       for file in .git/config.worktree ~/.gitconfig ~/.config/git/config; do cp included $file; done; cat included >> .git/config
       for name in ${hooks.join(' ')}; do cp plant.sh hooks/$name; cp plant.sh template/hooks/$name; cp plant.sh .git/hooks/$name 2>/dev/null || { mkdir -p .git/hooks; cp plant.sh .git/hooks/$name; }; done
       echo '* filter=evil diff=evil merge=evil -text' | tee .gitattributes ~/.config/git/attributes > .git/info/attributes
       echo '*' > everything; echo changed > a.txt; rm b.txt; rm -f pwned`,
      proof,
      ...configuration(program, github.url).flat(),
    );
    const { commit } = await workspace.checkpoint();
    const paths = (await workspace.readChanges(commit)).map((change) => change.path);
    expect(paths).toEqual(
      expect.arrayContaining(['.gitattributes', 'a.txt', 'b.txt', 'plant.sh', 'hooks/pre-commit']),
    );
    await workspace.restore(base);
    await workspace.restore(commit);
    expect(await workspace.readAddedLines(commit, 'a.txt')).toEqual([{ line: 1, text: 'changed' }]);
    const check = await workspace.openScratchCopy(commit, { commit: base, paths: ['b.txt'] });
    expect(await shell(check, 'cat a.txt b.txt; ls /workspace/pwned 2>/dev/null')).toBe('changed\ntwo\n');
    await check.dispose();
    const pushed = await push(workspace, base, commit, 'pullwright/programs');
    expect(pushed).toMatch(/^[0-9a-f]{40}$/);
    expect(await github.readFile('acme/programs', 'heads/pullwright/programs', 'a.txt')).toBe('changed\n');
    expect(await shell(workspace, 'ls pwned 2>/dev/null; true')).toBe('');
    expect(existsSync(proof)).toBe(false);
    await workspace.dispose();
  });

  test('gains nothing by what stands in the place of .git, and the same content is the same commit', async () => {
    const { workspace } = await open('acme/instead', { 'a.txt': 'one\n' });
    await shell(
      workspace,
      `echo changed > a.txt; cp -a .git /home/agent/original
       git init -q /home/agent/evil; git -C /home/agent/evil config core.fsmonitor "touch /workspace/pwned '${proof}'"; git -C /home/agent/evil config core.worktree /etc`,
    );
    const plain = await workspace.checkpoint();
    const instead = [
      ...[
        'rm -rf .git',
        'echo "gitdir: /home/agent/evil/.git" > .git',
        'ln -s /home/agent/evil/.git .git',
        'ln -s /nowhere .git',
      ],
      ...[
        'mkfifo .git',
        'mkdir .git',
        'mkdir .git; chmod 000 .git',
        'echo "gitdir: /proc/self/fd/0" > .git',
        'ln -s /dev/zero .git',
      ],
      ...[
        'cp -a ~/original .git; echo junk > .git/index; echo junk > .git/HEAD',
        'cp -a ~/original .git; touch .git/index.lock',
      ],
      ...[
        'cp -a ~/original .git; rm -rf .git/objects; ln -s /etc .git/objects',
        'cp -a ~/original .git; echo /home/agent/evil/.git > .git/commondir',
      ],
      ...[
        'cp -a ~/original .git; echo "../../../../../../etc" > .git/objects/info/alternates',
        'head -c 3000000 /dev/zero > .git',
      ],
    ];
    for (const one of instead) {
      await shell(workspace, `chmod -R u+rwX .git; rm -rf .git; ${one}`);
      const started = Date.now();
      expect(`${one}: ${JSON.stringify(await workspace.checkpoint())}`).toBe(
        `${one}: ${JSON.stringify(plain)}`,
      );
      expect(Date.now() - started).toBeLessThan(20_000);
    }
    expect(await shell(workspace, 'ls pwned 2>/dev/null; true')).toBe('');
    expect(existsSync(proof)).toBe(false);
    await workspace.dispose();
  });

  test('cannot hide work: nested repositories, gitlinks and submodules are named and block', async () => {
    const modules =
      '[submodule "inner"]\n\tpath = inner\n\turl = ext::sh -c touch% pwned\n\tupdate = checkout\n';
    const { workspace, base } = await open('acme/nested', { 'a.txt': 'one\n', '.gitmodules': modules });
    expect(await shell(workspace, 'ls -A; git submodule status 2>&1 | head -1')).toMatch(
      /^\.git\n\.gitmodules\na\.txt\n/,
    );
    await shell(
      workspace,
      `for place in nested deep/er/nested pkg/node_modules/linked 'odd
name'; do git init -q "$place"; git -C "$place" config core.fsmonitor 'touch /workspace/pwned'; echo x > "$place/f"; git -C "$place" add f; git -C "$place" commit -qm x; done
       mkdir worktree filed; echo "gitdir: /workspace/nested/.git" > filed/.git; ln -s ../nested/.git worktree/.git; touch worktree/f filed/f
       git init -q --bare bare; echo 'touch /workspace/pwned' > bare/hooks/post-update; rm -f pwned`,
    );
    const { commit } = await workspace.checkpoint();
    const leftOut = await workspace.readOmittedPaths(commit);
    expect(leftOut.nestedRepositories).toEqual(
      expect.arrayContaining(['nested', 'deep/er/nested', 'filed', 'worktree', "$'odd\\nname'"]),
    );
    const changes = await workspace.readChanges(commit);
    const findings = await scanChange(
      {
        changes,
        leftOut,
        basePaths: ['a.txt'],
        readBlob: (blob) => workspace.readBlob(blob),
        words: [],
        addedLines: (file) => workspace.readAddedLines(commit, file),
      },
      { live: [], protectedPaths: [] },
    );
    const blocked = findings
      .filter(({ severity }) => severity === 'block')
      .map(({ rule, path: at }) => `${rule} ${at}`);
    expect(blocked).toEqual(
      expect.arrayContaining(['nested-repository nested', 'submodule pkg/node_modules/linked']),
    );
    await workspace.restore(base);
    expect(await shell(workspace, 'ls -d nested deep/er pwned 2>/dev/null; true')).not.toMatch(
      /nested|pwned/,
    );
    await workspace.dispose();
  });

  test('does not make git wait for what never comes, nor read what never ends', async () => {
    const { workspace } = await open('acme/waiting', {
      'a.txt': 'one\n',
      'sub/b.txt': 'two\n',
      '.gitattributes': 'c.win text\n',
      'c.win': 'x\r\n',
    });
    await shell(
      workspace,
      `rm a.txt c.win; mkfifo a.txt c.win .gitignore sub/.gitignore sub/.gitattributes .mailmap fifo; ln -s fifo .gitmodules; ln -s /dev/zero sub/.mailmap
       /usr/bin/python3 -c "import socket; socket.socket(1).bind('sock')"; ln -s /dev/zero endless; ln -s /proc/self/fd/0 input; ln -s . loop; mkdir -p shut; echo x > shut/x; chmod 000 shut; echo y > closed; chmod 000 closed`,
    );
    const started = Date.now();
    const paths = await changed(workspace);
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(paths).toEqual(expect.arrayContaining(['closed', 'endless', 'input', 'loop', 'shut/x']));
    expect(paths).not.toEqual(expect.arrayContaining(['fifo', 'sock']));
    await workspace.dispose();
  });
});

describe('a tree that git cannot take as it is', () => {
  test('keeps no pipe in the place of a file of git’s, also where packages are installed', async () => {
    const { workspace } = await open('acme/pipes', { 'a.txt': 'one\n' });
    await shell(
      workspace,
      'mkdir -p node_modules/x .venv; mkfifo node_modules/.gitignore node_modules/x/.gitattributes .venv/.gitignore; echo y > node_modules/x/y; mkdir node_modules/shut; chmod 000 node_modules/shut',
    );
    const started = Date.now();
    expect(await changed(workspace)).toEqual(['node_modules/x/y']);
    expect(Date.now() - started).toBeLessThan(20_000);
    await workspace.dispose();
  });

  test('is opened behind a set-up that left pipes and closed folders in tree and home', async () => {
    const started = Date.now();
    const { workspace } = await open('acme/left-closed', { 'a.txt': 'one\n' }, [
      'mkdir -p x/y node_modules ~/z; mkfifo x/.gitignore node_modules/.gitignore ~/pipe; echo kept | tee x/f x/y/f ~/z/f; chmod 000 x/y x/f ~/z',
    ]);
    expect(await shell(workspace, 'cat x/f x/y/f ~/z/f')).toBe('kept\nkept\nkept\n');
    await shell(workspace, 'echo two > a.txt');
    expect(await changed(workspace)).toEqual(['a.txt']);
    expect(Date.now() - started).toBeLessThan(20_000);
    await workspace.dispose();
  });

  test('loses no work by many repositories in it, by a killed git, nor by names with newlines', async () => {
    const { workspace } = await open('acme/many-nested', { 'a.txt': 'one\n' });
    // More than two megabytes of paths: nobody can be given them as arguments.
    await shell(
      workspace,
      `deep=$(printf 'd%.0s' $(seq 240)); mkdir -p $deep/$deep/$deep/$deep && cd $deep/$deep/$deep/$deep && mkdir $(seq 2100) '*' '@' && for one in *; do : > "$one/.git"; done
       cd /workspace; echo two > a.txt; mkdir .GIT; echo x > $'.GIT/a\\nb'`,
    );
    const [run = ''] = await readdir(path.join(folder.path, 'runs'));
    await writeFile(path.join(folder.path, 'runs', run, 'snapshot', 'repository', 'index.lock'), '');
    const { commit } = await workspace.checkpoint();
    expect((await workspace.readChanges(commit)).map((change) => change.path)).toEqual(['a.txt']);
    const { nestedRepositories, refusedPaths } = await workspace.readOmittedPaths(commit);
    expect(nestedRepositories).toHaveLength(2102);
    expect(refusedPaths).toEqual(["$'.GIT/a\\nb'"]);
    await workspace.dispose();
  });

  test('is opened quickly, however many closed files it has', async () => {
    const { workspace } = await open('acme/closed', { 'a.txt': 'one\n' });
    await shell(workspace, 'mkdir many && cd many && touch $(seq 5000) && chmod 000 *');
    const started = Date.now();
    expect(await changed(workspace)).toHaveLength(5000);
    // A process for each would take ten seconds and more.
    expect(Date.now() - started).toBeLessThan(8000);
    await workspace.dispose();
  });
});

describe('a repository with odd contents (27)', () => {
  test('comes through with every name: like options, with newlines, colliding by case and by Unicode form', async () => {
    const names = [
      ...[
        '-rf',
        '--upload-pack=touch pwned',
        '-',
        '--',
        ':(top)x',
        ':!x',
        '*',
        '?',
        '[a]',
        '$(touch pwned)',
        '`id`',
        ';id',
      ],
      ...[
        'new\nline',
        'tab\there',
        'quote"\'',
        'back\\slash',
        ' lead',
        'trail ',
        '\u001b[31mred',
        'e\u0301',
        '\u00e9',
        'README',
        'readme',
      ],
      ...[
        'rtl\u202Etxt.exe',
        '\ud83d\ude00',
        'a'.repeat(255),
        'con',
        '#x',
        '!x',
        '~',
        'HEAD',
        'refs/heads/main',
        '.gitx',
        '\u200b',
      ],
    ];
    const { workspace, base } = await open('acme/names', { 'a.txt': 'one\n' });
    await shell(
      workspace,
      'for one in "$@"; do mkdir -p -- "$(dirname -- "./$one")"; printf %s "$one" > "./$one"; done',
      ...names,
    );
    const { commit } = await workspace.checkpoint();
    const changes = await workspace.readChanges(commit);
    expect(changes.map((change) => change.path).sort()).toEqual([...names].sort());
    for (const { blob, path: file } of changes.slice(0, 6))
      expect((await workspace.readBlob(blob ?? '')).toString()).toBe(file);
    for (const name of ['-rf', 'new\nline', ':(top)x', '*'])
      expect((await workspace.readAddedLines(commit, name)).length).toBeGreaterThan(0);
    const check = await workspace.openScratchCopy(base, { commit, paths: names });
    expect(await shell(check, 'for one in "$@"; do cat "./$one"; done; ls pwned 2>/dev/null', ...names)).toBe(
      names.join(''),
    );
    await check.dispose();
    await workspace.restore(base);
    expect(await shell(workspace, 'ls -A')).toBe('.git\na.txt\n');
    await push(workspace, base, commit, 'pullwright/names');
    await workspace.dispose();
  });

  test('hides nothing in a file whose name is no UTF-8', async () => {
    const live = 'k7Qw9ZxT2bN4vM8cR6yH1jL3pD5sF0gA';
    const { workspace } = await open('acme/latin', { 'a.txt': 'one\n' });
    await shell(
      workspace,
      `printf 'key = %s\\n' ${live} | tee plain.txt > $'caf\\xe9.txt'; : > $'caf\\xe8.txt'`,
    );
    const { commit } = await workspace.checkpoint();
    const findings = await scanChange(
      {
        changes: await workspace.readChanges(commit),
        leftOut: await workspace.readOmittedPaths(commit),
        basePaths: ['a.txt'],
        readBlob: (blob) => workspace.readBlob(blob),
        words: [],
        addedLines: (file) => workspace.readAddedLines(commit, file),
      },
      { live: [live], protectedPaths: [] },
    );
    const found = findings.filter(({ rule }) => rule === 'secret').map(({ path: file }) => file);
    expect(found).toEqual(expect.arrayContaining(['caf\uFFFD.txt', 'plain.txt']));
    await workspace.dispose();
  });

  test('has look-alikes of .git refused', async () => {
    const { workspace } = await open('acme/look-alikes', { 'a.txt': 'one\n' });
    await shell(
      workspace,
      `for one in .GIT .Git git~1 '.git ' .git.; do mkdir -p "./$one/hooks"; echo x > "./$one/config"; echo x > "./$one/hooks/post-checkout"; done`,
    );
    const { commit } = await workspace.checkpoint();
    const changes = await workspace.readChanges(commit);
    const { refusedPaths } = await workspace.readOmittedPaths(commit);
    const findings = await scanChange(
      {
        changes,
        leftOut: { nestedRepositories: [], refusedPaths, tooLarge: [] },
        basePaths: [],
        readBlob: async () => Buffer.from('x'),
        words: [],
        addedLines: async () => [],
      },
      { live: [], protectedPaths: [] },
    );
    const blocked = findings.filter(({ rule }) => rule === 'odd-name').map(({ path: file }) => file);
    for (const part of ['.GIT/', '.Git/', 'git~1/', '.git ', '.git./'])
      expect(blocked.join('\n')).toContain(part);
    expect(
      changes.every((change) =>
        blocked.some((one) => one.includes(change.path) || JSON.stringify(change.path) === one),
      ),
    ).toBe(true);
    await workspace.dispose();
  });

  test('that git itself would refuse to take ends the run, in words', async () => {
    const modules = '[submodule "x"]\\n\\tpath = x\\n\\turl = -u./x\\n\\tupdate = !touch pwned\\n';
    for (const plant of [
      `printf '${modules}' > .gitmodules`,
      "mkdir -p $'.g\\u200cit/hooks'; echo x > $'.g\\u200cit/config'",
    ]) {
      const { workspace } = await open('acme/refused', { 'a.txt': 'one\n' });
      await shell(workspace, plant);
      await expect(workspace.checkpoint()).rejects.toMatchObject({
        name: 'RunEndedError',
        message: expect.stringMatching(/something that git refuses/),
      });
      await workspace.dispose();
    }
  });

  test('of a hundred thousand files, or with one of 200 MB, is recorded in bounded time; LFS pointers stay pointers', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    const { workspace } = await open('acme/large', {
      'asset.bin': pointer,
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      '.gitignore': 'ignored\n',
    });
    expect(await shell(workspace, 'cat asset.bin; git status --short')).toBe(pointer);
    await shell(
      workspace,
      'head -c 200M /dev/urandom > big.iso; cp big.iso ignored; truncate -s 290M sparse; for n in $(seq 100); do mkdir -p many/$n && (cd many/$n && touch $(seq 1000)); done',
    );
    const started = Date.now();
    const { commit } = await workspace.checkpoint();
    expect(Date.now() - started).toBeLessThan(60_000);
    expect(await workspace.readChanges(commit)).toHaveLength(100_000);
    expect((await workspace.readOmittedPaths(commit)).tooLarge).toEqual(['big.iso', 'sparse']);
    await workspace.dispose();
  });
});

describe('an install script (28)', () => {
  test('plants nothing for the next run, of this repository or of another, nor for what the host does', async () => {
    const files = { 'a.txt': 'one\n', '.gitignore': 'node_modules/\n' };
    const plant = `
      mkdir -p ~/.local/bin ~/.npm/_cacache ~/.cache/pip ~/.cargo/bin ~/go/pkg/mod ~/.config node_modules/.cache /tmp/cache /dev/shm/cache
      for one in git node npm python3 bash cat ls rg timeout find sed; do printf '#!/bin/sh\\ntouch /workspace/pwned "%s"\\nexit 0\\n' '${proof}' > ~/.local/bin/$one; chmod +x ~/.local/bin/$one; done
      for one in ~/.bashrc ~/.profile ~/.npmrc ~/.gitconfig ~/.netrc ~/.cache/pip/x ~/.npm/_cacache/x ~/.cargo/config.toml ~/go/pkg/mod/x /tmp/cache/x node_modules/.cache/x; do echo poison > $one 2>/dev/null; done
      (echo x > /mirror/config; echo x > /mirror/hooks/post-update; echo x > /store/config; echo x > /outputs/x; touch /usr/local/bin/x) 2>/dev/null
      /usr/bin/git config core.fsmonitor 'touch /workspace/pwned'; /usr/bin/git config filter.x.smudge 'touch /workspace/pwned'; rm -f pwned; true`;
    const first = await open('acme/installs', files, [plant]);
    expect(first.workspace.setupResult.ok).toBe(true);
    await first.workspace.sandbox.execute({ script: '/usr/bin/echo changed > a.txt', timeoutMs: 10_000 });
    const { commit } = await first.workspace.checkpoint();
    expect((await first.workspace.readChanges(commit)).map((change) => change.path)).toEqual(['a.txt']);
    const check = await first.workspace.openScratchCopy(commit);
    // What set-up installed is there, as it has to be; what we do ourselves did not use it.
    expect(await shell(check, '/usr/bin/cat a.txt; /usr/bin/ls /workspace/pwned 2>/dev/null')).toBe(
      'changed\n',
    );
    await check.dispose();
    for (const name of ['acme/installs', 'acme/others']) {
      const next = await open(name, files, ['ls -A ~ /tmp /dev/shm > found; true']);
      expect(
        await shell(
          next.workspace,
          'cat found; ls -A ~ /usr/local/bin/x 2>&1 | grep -c poison; cat .git/config',
        ),
      ).not.toMatch(/npm|bashrc|local\/bin\/git|cache|fsmonitor|\n[1-9]\n/);
      await next.workspace.dispose();
    }
    expect(existsSync(proof)).toBe(false);
    await first.workspace.dispose();
    expect(await readdir(path.join(folder.path, 'runs'))).toEqual([]);
  });
});
