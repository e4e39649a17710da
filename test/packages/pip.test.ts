import { describe, expect, test } from '@jest/globals';
import { explainMissingPip } from '../support/python-index.js';
import { add, measure, onlyAdded, shell, usePythonIndex } from './use-registry.js';

const missing = await explainMissingPip();
if (missing) console.log(`skipped, pip cannot be used: ${missing}`);

/** Writes a file, and sends a request to the index, which is the one host that a download may reach. */
const spy = `import os, urllib.request
open(os.path.expanduser('~/spied'), 'w').close()
urllib.request.urlopen(os.environ['PIP_INDEX_URL'] + 'spied/', timeout=5)
from setuptools import setup
setup()
`;

/** Builds the repository's own package, with the dependencies that its pyproject.toml names. */
const backend = `
import tomllib
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    with open('pyproject.toml', 'rb') as file:
        project = tomllib.load(file)['project']
    lines = ['Metadata-Version: 2.1', 'Name: app', 'Version: 1']
    lines += ['Requires-Dist: ' + one for one in project.get('dependencies', [])]
    for extra, needed in project.get('optional-dependencies', {}).items():
        lines += ['Provides-Extra: ' + extra, *(f"Requires-Dist: {one}; extra == '{extra}'" for one in needed)]
    with zipfile.ZipFile(folder + '/app-1-py3-none-any.whl', 'w') as wheel:
        wheel.writestr('app-1.dist-info/METADATA', '\\n'.join(lines) + '\\n')
        wheel.writestr('app-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr('app-1.dist-info/RECORD', '')
    return 'app-1-py3-none-any.whl'
`;
const project =
  '[build-system]\nrequires = ["backend"]\nbuild-backend = "backend"\n\n[project]\nname = "app"\nversion = "1"\n';

const whisper = 'whisper-1.0.0-py3-none-any.whl';
const world = usePythonIndex(
  missing
    ? []
    : [
        { name: 'whisper', version: '1.0.0', files: { 'whisper.py': 'say = lambda text: text' } },
        { name: 'whisper', version: '1.5.0', files: { 'whisper.py': 'say = lambda text: text' } },
        { name: 'shout', version: '1.0.0', files: { 'shout.py': '' } },
        {
          ...{ name: 'shout', version: '2.0.0' },
          metadata: ['License: MIT', 'Requires-Dist: whisper>=1', 'Provides-Extra: big'],
          files: { 'shout.py': 'import whisper\nsay = lambda text: whisper.say(text.upper())' },
        },
        { name: 'shout', version: '2.0.0', setup: spy },
        { name: 'backend', version: '1.0.0', files: { 'backend.py': backend } },
        { name: 'wheel', version: '1.0.0' },
        { name: 'source', version: '1.0.0', setup: spy },
        { name: 'needs_source', version: '1.0.0', metadata: ['Requires-Dist: source'] },
        { name: 'far', version: '1.0.0', metadata: [`Requires-Dist: whisper @ {files}/${whisper}`] },
        {
          name: 'far_source',
          version: '1.0.0',
          metadata: ['Requires-Dist: source @ {files}/source-1.0.0.tar.gz'],
        },
        { name: 'posing', version: '1.0.0', statedName: 'other', files: { 'posing.py': '' } },
      ],
);

const isolated = missing ? describe.skip : describe;
const setUp = [
  'python3 -m venv --system-site-packages "$HOME/.local"',
  'python -m pip install --quiet -r requirements.txt',
];
const say = `python -c "import shout; print(shout.say('hi'))"`;

isolated('pip', () => {
  test('adds a pinned package, installs it for the agent and for the measurement', async () => {
    const files = {
      'pyproject.toml': project,
      'requirements.txt': '# tools\nwhisper==1.0.0 # quiet\r\n',
    };
    const opened = await world.open('acme/pinned', files, setUp);
    expect(opened.workspace.setupResult.ok).toBe(true);
    expect(await add(opened, ['shout'])).toEqual({
      installed: {
        shout: { version: '2.0.0', license: 'MIT', bytes: expect.any(Number), installScripts: [] },
      },
      changedFiles: ['requirements.txt'],
    });
    expect(await shell(opened.workspace, `cat requirements.txt; ${say}`)).toBe(
      '# tools\nwhisper==1.0.0 # quiet\r\nshout==2.0.0\r\nHI\n',
    );
    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('pip', 'requirements.txt'));
    expect(after?.result).toMatchObject({ ok: true, network: false });
    expect(after?.result.executions.map(({ script }) => script)).toContain(
      'python -m pip install --quiet -e .',
    );
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, say)).toBe('HI\n');
    await copy.dispose();
    expect((await onBase?.())?.files.get('requirements.txt')).toBe(
      '# tools\nwhisper==1.0.0 # quiet\r\nshout==2.0.0\r\n',
    );
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('adds the hashes of all files of a package, also of the packages that it needs', async () => {
    const [wheel, source, needed, base] = [
      'shout-2.0.0-py3-none-any.whl',
      'shout-2.0.0.tar.gz',
      'whisper-1.5.0-py3-none-any.whl',
      'shout-1.0.0-py3-none-any.whl',
    ].map((one) => world.registry.hashOf(one));
    const files = {
      'requirements/base.txt': `shout==1.0.0 \\\n    --hash=${base}\n    # via app\n`,
      'requirements/dev.txt': '-r base.txt\n',
    };
    const opened = await world.open('acme/hashed', files, setUp.slice(0, 1));
    expect(await add(opened, ['shout[big]>=2,<3'])).toMatchObject({
      installed: { shout: { version: '2.0.0' } },
      changedFiles: ['requirements/base.txt'],
    });
    const hashes = [wheel, source].sort().map((one) => `    --hash=${one}`);
    expect(await shell(opened.workspace, `cat requirements/base.txt; ${say}`)).toBe(
      `shout[big]==2.0.0 \\\n${hashes.join(' \\\n')}\n    # via app\nwhisper==1.5.0 \\\n    --hash=${needed}\nHI\n`,
    );
    await opened.workspace.dispose();
  });

  test('adds to a pyproject.toml', async () => {
    const text = `${project}dependencies = ["whisper==1.0.0"]\n`;
    const commands = [setUp[0] ?? '', 'python -m pip install --quiet -e .'];
    const opened = await world.open('acme/project', { 'pyproject.toml': text }, commands);
    expect(await add(opened, ['shout[big]'], { dev: true })).toMatchObject({
      installed: { shout: { version: '2.0.0', license: 'MIT' } },
      changedFiles: ['pyproject.toml'],
    });
    await add(opened, ['whisper==1.5.0']);
    expect(await shell(opened.workspace, `cat pyproject.toml; ${say}`)).toBe(
      `${text.replace('1.0.0"]', '1.5.0"]')}\n[project.optional-dependencies]\ndev = ["shout[big]>=2.0.0"]\nHI\n`,
    );
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      managers: ['pip'],
      direct: [
        { name: 'whisper', manifest: 'pyproject.toml', from: '==1.0.0', to: '1.5.0', dev: false },
        { name: 'shout', manifest: 'pyproject.toml', from: null, to: '2.0.0', dev: true },
      ],
      faults: [],
    });
    expect(after?.result).toMatchObject({ ok: true, network: false });
    expect(after?.result.executions.at(-1)?.script).toBe("python -m pip install --quiet -e '.[dev]'");
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('runs no code of a package and takes nothing from another place', async () => {
    // An option of the base commit must not make pip build a package either.
    const files = { 'requirements.txt': '--no-binary :all:\n' };
    const opened = await world.open('acme/attacked', files, setUp.slice(0, 1));
    world.registry.requests.length = 0;
    const inSource = /source has no wheel for this machine, only source code\. The build/;
    await expect(add(opened, ['source'])).rejects.toThrow(inSource);
    await expect(add(opened, ['needs_source==1.0.0'])).rejects.toThrow(inSource);
    await expect(add(opened, ['far'])).rejects.toThrow(/a package asks for whisper from an address/);
    await expect(add(opened, ['far_source'])).rejects.toThrow(/A package is only there as source code/);
    await expect(add(opened, ['posing'])).rejects.toThrow(
      /posing-1\.0\.0-py3-none-any\.whl in the registry contains other 1\.0\.0/,
    );
    await expect(add(opened, ['absent'])).rejects.toThrow(
      /^pip failed.*No matching distribution found for absent/,
    );
    await expect(add(opened, ['shout @ http://localhost:1/x.whl'])).rejects.toThrow(
      'such as requests==2.32.3; found shout @',
    );
    expect(await shell(opened.workspace, 'git status --short')).toBe('');
    const write = (text: string) => shell(opened.workspace, 'printf %s "$1" > requirements.txt', text);
    await write('--extra-index-url http://localhost:1/\nshout\n');
    await expect(add(opened, ['whisper'])).rejects.toThrow(
      'requirements.txt contains `--extra-index-url http://localhost:1/`',
    );
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([expect.stringContaining('could not be downloaded: requirements.txt')]);
    expect(world.registry.requests).not.toContain('GET /simple/spied/');
    await opened.workspace.dispose();
  });
});
