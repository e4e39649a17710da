import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

test('a checkpoint lists what git newly ignores, and does not look into ignored folders', async () => {
  const files = { '.gitignore': 'built/\n*.local\n', 'src/a.txt': 'one\n' };
  const { workspace } = await world.open('acme/ignored', files, ['mkdir built; touch built/from-set-up']);
  await shell(workspace, `mkdir -p src/built/deep; touch built/x src/built/deep/a src/built/b src/c.txt`);
  const { commit } = await workspace.checkpoint();
  expect(workspace.newlyIgnored).toEqual(['src/built/']);

  await workspace.checkpoint();
  expect(workspace.newlyIgnored).toEqual([]);

  await shell(workspace, `mkdir -p other/built; touch other/built/a $'src/odd\\nname.local'`);
  await workspace.checkpoint();
  const expected = ['other/built/', 'src/odd?name.local'];
  expect(workspace.newlyIgnored).toEqual(expected);

  // The turn runs again, as after a lost connection to the database.
  await workspace.restore(commit);
  await workspace.checkpoint();
  expect(workspace.newlyIgnored).toEqual(expected);
  await workspace.dispose();
});
