import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const workspaces = useWorkspaces();
const files = { 'package.json': '{}', 'src/a.js': 'a', '.gitignore': 'node_modules' };
const setup = [
  'mkdir -p node_modules/one ~/cache; echo set-up | tee node_modules/one/index.js > ~/cache/kept',
];

test('scratch copies see neither each other’s writes nor the agent’s, and do not change the set-up', async () => {
  const { workspace, base } = await workspaces.open('acme/copies', files, setup, 'copies');
  const [one, other] = [await workspace.openScratchCopy(base), await workspace.openScratchCopy(base)];
  await shell(workspace, 'echo agent > node_modules/one/index.js; rm -rf ~/cache');
  const change =
    'echo "$1" | tee -a node_modules/one/index.js > ~/cache/kept; mv node_modules/one node_modules/moved; rm -r src';
  await Promise.all([shell(one, change, 'one'), shell(other, change, 'other')]);
  const look = 'cat node_modules/moved/index.js ~/cache/kept; ls; git status --short';
  expect(await shell(one, look)).toBe('set-up\none\none\nnode_modules\npackage.json\n D src/a.js\n');
  expect(await shell(other, look)).toBe('set-up\nother\nother\nnode_modules\npackage.json\n D src/a.js\n');
  await one.dispose();
  await other.dispose();

  const run = path.join(workspaces.folder, 'runs', 'copies');
  expect(await readFile(path.join(run, 'set-up/tree/node_modules/one/index.js'), 'utf8')).toBe('set-up\n');
  expect(existsSync(path.join(run, 'scratch/1'))).toBe(false);
  const third = await workspace.openScratchCopy(base);
  expect(await shell(third, 'cat node_modules/one/index.js ~/cache/kept src/a.js; ls node_modules')).toBe(
    'set-up\nset-up\naone\n',
  );
  await third.dispose();
});

test('scratch copies of another set-up begin with what its commands left', async () => {
  const { workspace, base } = await workspaces.open('acme/again', files, setup);
  const copy = await workspace.setUpAgain({
    ...{ commit: base, files: new Map(), download: null, homeFolders: [], environment: {} },
    commands: ['rm -r node_modules; mkdir -p node_modules/two; echo two > node_modules/two/index.js'],
  });
  const scratch = await workspace.openScratchCopy(base, null, copy);
  const look = 'ls node_modules; cat node_modules/*/index.js';
  expect(await shell(scratch, look)).toBe('two\ntwo\n');
  await shell(scratch, 'echo changed > node_modules/two/index.js; mv node_modules/two node_modules/three');
  await scratch.dispose();
  const next = await workspace.openScratchCopy(base, null, copy);
  expect(await shell(next, look)).toBe('two\ntwo\n');
  await next.dispose();
  await copy.dispose();
});
