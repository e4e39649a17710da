import { describe, expect, test } from '@jest/globals';
import { explainMissingPip } from '../support/python-index.js';
import { explainMissing } from '../support/registries/find-tools.js';
import { lockPython } from '../support/registries/lock-python.js';
import { add, measure, shell, usePythonIndex } from './use-registry.js';

const missing = (await explainMissingPip()) ?? (await explainMissing(['uv']));
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
  return { 'pyproject.toml': manifest, 'uv.lock': await lockPython('uv', manifest) };
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
