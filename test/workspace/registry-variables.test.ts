import path from 'node:path';
import { expect, test } from '@jest/globals';
import { startLocalGitHub } from '../../local-github/local-github.js';
import { describeProject } from '../../src/evidence/commands/describe-project.js';
import { parseSettings } from '../../src/task/settings.js';
import { mergeProvisions } from '../../src/workspace/provision.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { shell } from './use-workspaces.js';

test('set-up, tests, the agent and downloads of packages have the variables of the configuration, empty', async () => {
  const files: Record<string, string> = {
    'package.json': '{"packageManager":"yarn@1.22.22","dependencies":{"ms":"2.1.3"}}',
    '.npmrc': `//npm.example/:_authToken=${'$'}{NPM_TOKEN}\n`,
  };
  const tree = { files: new Set(Object.keys(files)), readFile: async (file: string) => files[file] ?? null };
  const parsed = parseSettings(null);
  if (!('settings' in parsed)) throw new Error('expected settings without faults');
  const { environment } = await describeProject(tree, parsed.settings);
  const folder = await createTemporaryFolder();
  const github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  const registries = { hosts: [], environment: {}, files: [] };
  const { open } = await openTestWorkspaces(
    path.join(folder.path, 'runs'),
    github,
    {},
    registries,
    async () => mergeProvisions({ variables: environment.variables }),
  );
  const show = `printf %s "<${'$'}{NPM_TOKEN-unset}>"`;
  const { workspace, base } = await open('acme/private', files, [show]);
  const copy = await workspace.openScratchCopy(base);
  const download = await workspace.openDownload(new Map([['.npmrc', files['.npmrc'] ?? '']]));
  const downloaded = await download?.run({ script: show, timeoutMs: 60_000 });
  expect([
    workspace.setupResult.executions[0]?.output,
    await shell(workspace, show),
    await shell(copy, show),
    downloaded?.output,
  ]).toEqual(['<>', '<>', '<>', '<>']);
  await Promise.all([copy.dispose(), download?.dispose()]);
  await workspace.dispose();
  await github.stop();
  await folder.remove();
  expect(github.violations).toEqual([]);
});
