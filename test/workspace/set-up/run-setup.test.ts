import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from '../use-workspaces.js';

const world = useWorkspaces();

const postinstall = (error: string) => ({
  'package.json': JSON.stringify({ name: 'a', scripts: { postinstall: `echo ${error} >&2; exit 3` } }),
});
const install = 'npm install --no-package-lock --no-audit --no-fund';

test('an installation whose scripts reach no host runs again without scripts of packages', async () => {
  const files = postinstall('getaddrinfo ENOTFOUND binaries.example');
  const { workspace } = await world.open('acme/scripts', files, [install, 'echo built > built']);
  const { ok, executions } = workspace.setupResult;
  expect(executions.map(({ script, exitCode, replacedFor }) => [script, exitCode, replacedFor])).toEqual([
    [install, 3, 'host'],
    [install.replace('npm install', 'npm install --ignore-scripts'), 0, undefined],
    ['echo built > built', 0, undefined],
  ]);
  expect(ok).toBe(true);
  await workspace.dispose();
});

test('an installation that fails for another reason stays failed, and the next commands run', async () => {
  const { workspace } = await world.open('acme/broken', postinstall('no compiler'), [
    install,
    'echo built > built',
  ]);
  const { ok, executions } = workspace.setupResult;
  expect(ok).toBe(false);
  expect(executions.map(({ script, exitCode }) => [script, exitCode])).toEqual([
    [install, 3],
    ['echo built > built', 0],
  ]);
  expect(await shell(workspace, 'cat built')).toBe('built\n');
  await workspace.dispose();
});
