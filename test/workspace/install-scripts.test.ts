import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

test('an install script cannot plant anything for the next run of any repository, or for the host', async () => {
  const files = { 'a.txt': 'one\n', '.gitignore': 'node_modules/\n' };
  const plant = `
      mkdir -p ~/.local/bin ~/.npm/_cacache ~/.cache/pip ~/.cargo/bin ~/go/pkg/mod ~/.config node_modules/.cache /tmp/cache /dev/shm/cache
      for one in git node npm python3 bash cat ls rg timeout find sed; do printf '#!/bin/sh\\ntouch /workspace/pwned "%s"\\nexit 0\\n' '${world.proof}' > ~/.local/bin/$one; chmod +x ~/.local/bin/$one; done
      for one in ~/.bashrc ~/.profile ~/.npmrc ~/.gitconfig ~/.netrc ~/.cache/pip/x ~/.npm/_cacache/x ~/.cargo/config.toml ~/go/pkg/mod/x /tmp/cache/x node_modules/.cache/x; do echo poison > $one 2>/dev/null; done
      (echo x > /mirror/config; echo x > /mirror/hooks/post-update; echo x > /store/config; echo x > /outputs/x; touch /usr/local/bin/x) 2>/dev/null
      /usr/bin/git config core.fsmonitor 'touch /workspace/pwned'; /usr/bin/git config filter.x.smudge 'touch /workspace/pwned'; rm -f pwned; true`;
  const first = await world.open('acme/installs', files, [plant]);
  expect(first.workspace.setupResult.ok).toBe(true);
  await first.workspace.sandbox.execute({ script: '/usr/bin/echo changed > a.txt', timeoutMs: 10_000 });
  const { commit } = await first.workspace.checkpoint();
  expect((await first.workspace.readChanges(commit)).map((change) => change.path)).toEqual(['a.txt']);
  const check = await first.workspace.openScratchCopy(commit);
  // The planted programs are in the copy, because the set-up installed them, but our own scripts did not run
  // them.
  expect(await shell(check, '/usr/bin/cat a.txt; /usr/bin/ls /workspace/pwned 2>/dev/null')).toBe(
    'changed\n',
  );
  await check.dispose();
  for (const name of ['acme/installs', 'acme/others']) {
    const next = await world.open(name, files, ['ls -A ~ /tmp /dev/shm > found; true']);
    expect(
      await shell(
        next.workspace,
        'cat found; ls -A ~ /usr/local/bin/x 2>&1 | grep -c poison; cat .git/config',
      ),
    ).not.toMatch(/npm|bashrc|local\/bin\/git|cache|fsmonitor|\n[1-9]\n/);
    await next.workspace.dispose();
  }
  expect(existsSync(world.proof)).toBe(false);
  await first.workspace.dispose();
  expect(await readdir(path.join(world.folder, 'runs'))).toEqual([]);
});
