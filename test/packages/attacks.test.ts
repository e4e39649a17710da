import { describe, expect, test } from '@jest/globals';
import { add, json, limits, lockedProject, lockfile, measure, shell, useRegistry } from './use-registry.js';

/** Writes a file, and sends a request to the registry, which is the one host that the set-up may reach. */
const spy = (name: string) => `touch ~/${name}; curl -s -m 5 "$npm_config_registry/${name}"; true`;

const world = useRegistry([
  { name: 'whisper', version: '1.0.0', files: { 'index.js': 'module.exports = (text) => text;' } },
  {
    name: '@loud/spy',
    version: '1.1.0',
    manifest: { scripts: { postinstall: spy('spied-by-package') } },
    files: { 'index.js': '' },
  },
]);

describe('a package manager with network access', () => {
  test('runs no code of the agent and of packages with network access', async () => {
    const opened = await world.open('acme/spied', lockedProject);
    const scripts = {
      preinstall: spy('spied-by-agent'),
      postinstall: spy('spied-by-agent'),
      prepare: spy('spied-by-agent'),
    };
    const npmrc = 'registry=http://localhost:1/\n@loud:registry=http://localhost:1/\nignore-scripts=false\n';
    await shell(
      opened.workspace,
      'printf %s "$1" > package.json; printf %s "$2" | tee .npmrc > ~/.npmrc',
      json({ name: 'app', version: '1.0.0', scripts }),
      npmrc,
    );
    world.registry.requests.length = 0;
    await add(opened, ['@loud/spy']);
    const { after, packages, dispose } = await measure(opened);
    expect(packages?.direct).toMatchObject([{ name: '@loud/spy', installScripts: ['postinstall'] }]);
    // The agent's scripts did run, and their requests were refused.
    expect(after?.result.executions.at(-1)).toMatchObject({
      output: expect.stringContaining('> app@1.0.0 postinstall'),
      refusedHosts: [`localhost:${world.registry.port}`],
    });
    expect(world.registry.requests.filter((one) => !one.startsWith('GET /@loud/spy'))).toEqual([]);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('shows the package manager nothing but manifests, lockfiles and the settings of the base', async () => {
    const files = { ...lockedProject, 'secret.js': 'x', '.npmrc': 'fund=false\n', 'lib/index.js': 'x' };
    const { workspace } = await world.open('acme/hidden', files);
    const download = await workspace.openDownload(new Map([['package.json', '{}']]));
    const seen = await download?.run({ script: 'find /workspace -type f; ls /mirror /store', ...limits });
    expect(seen?.stdout).toBe('/workspace/package.json\n');
    await download?.dispose();
    await workspace.dispose();
  });

  test('refuses what is not the name of a registry package', async () => {
    const opened = await world.open('acme/refused', lockedProject);
    world.registry.requests.length = 0;
    for (const bad of [
      'https://example.org/x.tgz',
      'git+https://github.com/a/b',
      'a/b',
      'github:a/b',
      './local',
      '/etc',
      'file:../x',
      '--registry=http://localhost:1',
      '-g',
      'x@npm:y',
      'x@https://example.org/x.tgz',
      'x@git+ssh://a/b',
      'x; touch /workspace/pwned',
      '$(touch pwned)',
      '',
      ' x',
      `x@${'1'.repeat(400)}`,
    ])
      await expect(add(opened, [bad])).rejects.toThrow(/^Expected the name of a registry package/);
    await expect(add(opened, ['whisper'], { manifest: 'no/package.json' })).rejects.toThrow(
      'no/package.json is not a manifest to which packages can be added.',
    );
    await expect(add(opened, ['whisper'], { manifest: '../package.json' })).rejects.toThrow(
      'is not a manifest',
    );
    await expect(add(opened, ['no-such-package'])).rejects.toThrow(/^npm failed \(exit code 1: .*404/);
    expect(world.registry.requests).toEqual(['GET /no-such-package']);
    expect(await shell(opened.workspace, 'git status --short')).toBe('');
    await opened.workspace.dispose();
  });

  test('refuses manifests and lockfiles that name another place than the registry', async () => {
    const opened = await world.open('acme/elsewhere', lockedProject);
    const write = (name: string, text: string) =>
      shell(opened.workspace, 'printf %s "$2" > "$1"', name, text);
    const ask = (fields: object) => write('package.json', json({ name: 'app', version: '1.0.0', ...fields }));
    for (const range of ['git+https://github.com/a/b', 'http://localhost:1/x.tgz', 'a/b', 'github:a/b']) {
      await ask({ dependencies: { x: range } });
      await expect(add(opened, ['whisper'])).rejects.toThrow(`package.json asks for a package from ${range}`);
    }
    await ask({ overrides: { whisper: { '.': 'a/b' } } });
    await expect(add(opened, [])).rejects.toThrow('package.json asks for a package from a/b');
    const dependencies = { whisper: '1.0.0' };
    await ask({ dependencies });
    const resolved = 'http://localhost:1/whisper/-/whisper-1.0.0.tgz';
    await write(
      'package-lock.json',
      lockfile({ 'node_modules/whisper': { version: '1.0.0', resolved } }, { dependencies }),
    );
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([
      expect.stringMatching(
        /could not be downloaded: package-lock.json takes a package from http:\/\/localhost/,
      ),
    ]);
    await opened.workspace.dispose();
  });
});
