import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { explainMissingPip } from '../support/python-index.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { add, measure, shell, usePythonIndex } from './use-registry.js';

// A sandbox shows /usr, or else the folder that the variable TEST_UV names.
const folder = process.env.TEST_UV;
const program = path.join(folder ?? '/usr', 'bin', 'uv');
const missing =
  (await explainMissingPip()) ??
  (await access(program).then(
    () => null,
    () => `there is no ${program}`,
  ));
if (missing) console.log(`skipped, uv cannot be used: ${missing}`);

const world = usePythonIndex(
  missing
    ? []
    : [
        { name: 'whisper', version: '1.0.0', files: { 'whisper.py': 'say = lambda text: text' } },
        {
          ...{ name: 'shout', version: '2.0.0' },
          metadata: ['License: MIT', 'Requires-Dist: whisper>=1'],
          files: { 'shout.py': 'import whisper\nsay = lambda text: whisper.say(text.upper())' },
        },
        { name: 'source', version: '1.0.0', setup: 'from setuptools import setup\nsetup()\n' },
      ],
  folder ? [folder] : [],
);

const isolated = missing ? describe.skip : describe;
const sync = 'UV_PROJECT_ENVIRONMENT="$HOME/.local" uv sync --locked --inexact --all-extras --all-groups';

async function makeProject(): Promise<Record<string, string>> {
  const manifest = `[project]
name = "app"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["whisper"]

[[tool.uv.index]]
url = "${world.registry.url}"
default = true
`;
  const at = await createTemporaryFolder();
  await writeFile(path.join(at.path, 'pyproject.toml'), manifest);
  const env = { PATH: '/usr/bin:/bin', HOME: at.path, UV_PYTHON_DOWNLOADS: 'never' };
  await promisify(execFile)(program, ['lock'], { cwd: at.path, env });
  const lockfile = await readFile(path.join(at.path, 'uv.lock'), 'utf8');
  await at.remove();
  return { 'pyproject.toml': manifest, 'uv.lock': lockfile };
}

isolated('uv', () => {
  test('adds a package from a wheel, and installs it for the agent and for the measurement', async () => {
    const setUp = ['python3 -m venv --system-site-packages "$HOME/.local"', sync];
    const opened = await world.open('acme/locked', await makeProject(), setUp);
    expect(opened.workspace.setupResult).toMatchObject({ ok: true });
    expect(await add(opened, ['shout'])).toMatchObject({
      installed: { shout: { version: '2.0.0', license: 'MIT' } },
      changedFiles: ['pyproject.toml', 'uv.lock'],
    });
    expect(await shell(opened.workspace, `python -c "import shout; print(shout.say('hi'))"`)).toBe('HI\n');
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      managers: ['uv'],
      direct: [{ name: 'shout', from: null, to: '2.0.0', license: 'MIT' }],
      faults: [],
    });
    expect(after?.result).toMatchObject({ ok: true, network: false });
    await dispose?.();
    await expect(add(opened, ['source'])).rejects.toThrow(/^uv failed/);
    await opened.workspace.dispose();
  });
});
