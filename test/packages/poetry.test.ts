import { describe, expect, test } from '@jest/globals';
import { findPythonSetup } from '../../src/evidence/runners/python/python-project.js';
import { explainMissingPip } from '../support/python-index.js';
import { explainMissing } from '../support/registries/find-tools.js';
import { lockPython } from '../support/registries/lock-python.js';
import { add, measure, onlyAdded, shell, usePythonIndex } from './use-registry.js';

const missing = (await explainMissingPip()) ?? (await explainMissing(['poetry']));
if (missing) console.log(`skipped, Poetry cannot be used: ${missing}`);

/** Writes a file, and sends a request to the index, which is the one host that a download may reach. */
const spy = `import os, urllib.request
open(os.path.expanduser('~/spied'), 'w').close()
urllib.request.urlopen(os.environ['PIP_INDEX_URL'] + 'spied/', timeout=5)
from setuptools import setup
requires = [name for name in ['whisper']]
setup(install_requires=requires)
`;

const world = usePythonIndex(
  missing
    ? []
    : [
        { name: 'whisper', version: '1.0.0', files: { 'whisper.py': 'say = lambda text: text' } },
        { name: 'whisper', version: '1.5.0', files: { 'whisper.py': 'say = lambda text: text' } },
        {
          ...{ name: 'shout', version: '2.0.0' },
          metadata: ['License: MIT', 'Requires-Dist: whisper>=1'],
          files: {
            'shout.py': 'import whisper\nsay = lambda text: whisper.say(text.upper())',
            // Python runs such a line whenever it starts.
            'spy.pth': `import urllib.request; exec("try: urllib.request.urlopen('{files}/spied', timeout=5)\\nexcept OSError: pass")\n`,
          },
        },
        { name: 'source', version: '1.0.0', setup: spy },
        { name: 'needs_source', version: '1.0.0', metadata: ['Requires-Dist: source'] },
      ],
);

const isolated = missing ? describe.skip : describe;
const setUp = async (files: Record<string, string>) =>
  findPythonSetup({ files: new Set(Object.keys(files)), readFile: async (file) => files[file] ?? null });
const say = `python -c "import shout; print(shout.say('hi'))"`;

async function makeProject(dependencies = 'whisper = "1.0.0"  # quiet') {
  const files = {
    'app.py': '',
    'README.md': '',
    'pyproject.toml': `[tool.poetry]
name = "app"
version = "1.0.0"
description = ""
authors = ["Ann <ann@example.org>"]
readme = "README.md"

[tool.poetry.dependencies]
python = "^3.9"
${dependencies}

# The one index.
[[tool.poetry.source]]
name = "local"
url = "${world.registry.url}"
default = true

[tool.ruff]
line-length = 100
`,
  };
  return { ...files, 'poetry.lock': await lockPython('poetry', files['pyproject.toml']) };
}

isolated('Poetry', () => {
  test('adds a package, installs it for the agent and for the measurement', async () => {
    const files = await makeProject();
    const opened = await world.open('acme/locked', files, await setUp(files));
    const failed = opened.workspace.setupResult.executions.filter(({ exitCode }) => exitCode !== 0);
    expect(failed.map(({ ended, output }) => `${ended}: ${output}`)).toEqual([]);
    expect(await add(opened, ['shout'])).toEqual({
      installed: {
        shout: { version: '2.0.0', license: 'MIT', bytes: expect.any(Number), installScripts: [] },
      },
      changedFiles: ['pyproject.toml', 'poetry.lock'],
    });
    expect(await shell(opened.workspace, `cat pyproject.toml; ${say} 2>/dev/null`)).toBe(
      `${files['pyproject.toml'].replace('# quiet\n', '# quiet\nshout = "^2.0.0"\n')}HI\n`,
    );
    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('poetry', 'pyproject.toml'));
    expect(after?.result).toMatchObject({ ok: true, network: false });
    expect(after?.result.executions.map(({ script }) => script)).toContain((await setUp(files)).at(-1));
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, `${say} 2>/dev/null`)).toBe('HI\n');
    await copy.dispose();
    expect((await onBase?.())?.files.get('pyproject.toml')).toContain('shout = "^2.0.0"');
    // The code of the package ran, but only where it reached nothing.
    expect(world.registry.requests).not.toContain('GET /files/spied');
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('adds for developers, and updates a lockfile that does not fit', async () => {
    const files = await makeProject();
    const opened = await world.open('acme/edited', files, await setUp(files));
    await add(opened, ['shout>=2,<3'], { dev: true });
    expect(await shell(opened.workspace, 'tail -n 3 pyproject.toml')).toBe(
      '\n[tool.poetry.group.dev.dependencies]\nshout = ">=2,<3"\n',
    );
    await shell(opened.workspace, 'sed -i s/1.0.0.../^1.2\\"/ pyproject.toml; git checkout poetry.lock');
    const before = await measure(opened);
    expect(before.packages).toMatchObject({
      faults: ['poetry.lock does not fit its manifest.'],
      direct: [
        { name: 'whisper', from: '1.0.0', to: '1.5.0' },
        { name: 'shout', to: '2.0.0', dev: true },
      ],
    });
    expect(before.after?.result.ok).toBe(true);
    await before.dispose?.();
    expect((await add(opened, [])).changedFiles).toEqual(['poetry.lock']);
    const after = await measure(opened);
    expect(after.packages?.faults).toEqual([]);
    await after.dispose?.();
    await opened.workspace.dispose();
  });

  test('runs no code of a package or of the agent and takes nothing from another place', async () => {
    const files = await makeProject();
    const opened = await world.open('acme/attacked', files, await setUp(files));
    world.registry.requests.length = 0;
    const inSource = /^poetry failed.*A package is only there as source code\. The build/;
    await expect(add(opened, ['source'])).rejects.toThrow(inSource);
    await expect(add(opened, ['needs_source==1.0.0'])).rejects.toThrow(inSource);
    await expect(add(opened, ['absent'])).rejects.toThrow(
      /Could not find a matching version of package absent/,
    );
    expect(await shell(opened.workspace, 'git status --short')).toBe('');
    const write = (text: string) => shell(opened.workspace, 'printf %s "$1" > pyproject.toml', text);
    await write(files['pyproject.toml'].replace('"1.0.0"  #', '{ git = "https://example.org/x.git" } #'));
    await expect(add(opened, ['shout'])).rejects.toThrow(
      'pyproject.toml contains `{"whisper":{"git":"https://example.org/x.git"}}`',
    );
    await write(files['pyproject.toml'].replace('http://localhost', 'http://127.0.0.1'));
    await expect(add(opened, ['shout'])).rejects.toThrow('pyproject.toml changes settings in [tool.poetry]');
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([expect.stringContaining('could not be downloaded: pyproject.toml')]);
    const build = '[tool.poetry.build]\nscript = "build.py"\ngenerate-setup-file = false\n\n[tool.ruff]';
    await write(files['pyproject.toml'].replace('[tool.ruff]', build));
    await shell(opened.workspace, 'printf %s "$1" | tee build.py > setup.py', spy);
    await add(opened, ['shout']).catch(() => null);
    expect(world.registry.requests).not.toContain('GET /simple/spied/');
    await opened.workspace.dispose();
  });
});
