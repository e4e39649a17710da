import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { scanChange } from '../../src/evidence/scan/scan-change.js';
import { changedPaths, push, shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

/** Settings that make git run a program, read another file or use another address. */
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

test('git runs no program that a tree or home names in config, includes, aliases, attributes, hooks or templates', async () => {
  const { workspace, base } = await world.open('acme/programs', { 'a.txt': 'one\n', 'b.txt': 'two\n' });
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
    world.proof,
    ...configuration(program, world.github.url).flat(),
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
  expect(await world.github.readFile('acme/programs', 'heads/pullwright/programs', 'a.txt')).toBe(
    'changed\n',
  );
  expect(await shell(workspace, 'ls pwned 2>/dev/null; true')).toBe('');
  expect(existsSync(world.proof)).toBe(false);
  await workspace.dispose();
});

test('a checkpoint does not depend on what is in the place of .git', async () => {
  const { workspace } = await world.open('acme/instead', { 'a.txt': 'one\n' });
  await shell(
    workspace,
    `echo changed > a.txt; cp -a .git /home/agent/original
       git init -q /home/agent/evil; git -C /home/agent/evil config core.fsmonitor "touch /workspace/pwned '${world.proof}'"; git -C /home/agent/evil config core.worktree /etc`,
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
    expect(`${one}: ${JSON.stringify(await workspace.checkpoint())}`).toBe(
      `${one}: ${JSON.stringify(plain)}`,
    );
  }
  expect(await shell(workspace, 'ls pwned 2>/dev/null; true')).toBe('');
  expect(existsSync(world.proof)).toBe(false);
  await workspace.dispose();
});

test('nested repositories and submodules are reported and block the change, so that they cannot hide work', async () => {
  const modules =
    '[submodule "inner"]\n\tpath = inner\n\turl = ext::sh -c touch% pwned\n\tupdate = checkout\n';
  const { workspace, base } = await world.open('acme/nested', { 'a.txt': 'one\n', '.gitmodules': modules });
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
  const omitted = await workspace.readOmittedPaths(commit);
  expect(omitted.nestedRepositories).toEqual(
    expect.arrayContaining(['nested', 'deep/er/nested', 'filed', 'worktree', "$'odd\\nname'"]),
  );
  const changes = await workspace.readChanges(commit);
  const findings = await scanChange(
    {
      changes,
      omitted,
      basePaths: ['a.txt'],
      ignoredFiles: [],
      unsureFiles: [],
      isOnBase: async () => false,
      readFile: async () => null,
      readBlob: (blob) => workspace.readBlob(blob),
      texts: [],
      addedLines: (file) => workspace.readAddedLines(commit, file),
    },
    { activeSecrets: [], allowedPaths: [], allowedPlaces: [], protectedPaths: [] },
  );
  const blocked = findings
    .filter(({ severity }) => severity === 'block')
    .map(({ rule, path: at }) => `${rule} ${at}`);
  expect(blocked).toEqual(
    expect.arrayContaining(['nested-repository nested', 'submodule pkg/node_modules/linked']),
  );
  await workspace.restore(base);
  expect(await shell(workspace, 'ls -d nested deep/er pwned 2>/dev/null; true')).not.toMatch(/nested|pwned/);
  await workspace.dispose();
});

test('pipes, sockets, endless files and closed folders do not keep git from making a checkpoint', async () => {
  const { workspace } = await world.open('acme/waiting', {
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
  const paths = await changedPaths(workspace);
  expect(paths).toEqual(expect.arrayContaining(['closed', 'endless', 'input', 'loop', 'shut/x']));
  expect(paths).not.toEqual(expect.arrayContaining(['fifo', 'sock']));
  await workspace.dispose();
});
