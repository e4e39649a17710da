import { describe, expect, test } from '@jest/globals';
import {
  add,
  json,
  lockedProject,
  lockfile,
  measure,
  onlyAdded,
  shell,
  useRegistry,
} from './use-registry.js';

const world = useRegistry([
  { name: 'whisper', version: '1.0.0', files: { 'index.js': 'module.exports = (text) => text;' } },
  {
    name: 'shout',
    version: '2.0.0',
    manifest: { license: 'MIT', dependencies: { whisper: '^1.0.0' } },
    files: { 'index.js': 'module.exports = (text) => text.toUpperCase();' },
  },
]);

describe('addPackages', () => {
  test('changes manifest and lockfile, installs in the tree of the agent, and tells what was installed', async () => {
    const opened = await world.open('acme/locked', lockedProject);
    expect(await add(opened, ['shout@^2.0.0'])).toEqual({
      installed: {
        shout: { version: '2.0.0', license: 'MIT', bytes: expect.any(Number), installScripts: [] },
      },
      changedFiles: ['package.json', 'package-lock.json'],
    });
    expect(await shell(opened.workspace, `node -p "require('shout')('hi')"; git status --short`)).toBe(
      'HI\n M package-lock.json\n M package.json\n',
    );
    expect(JSON.parse(await shell(opened.workspace, 'cat package.json'))).toMatchObject({
      type: 'commonjs',
      dependencies: { shout: '^2.0.0' },
    });
    // The address of this machine's registry means nothing to the people who use the repository.
    const lockfile = await shell(opened.workspace, 'cat package-lock.json');
    expect(lockfile).toContain('"resolved": "https://registry.npmjs.org/shout/-/shout-2.0.0.tgz"');
    expect(lockfile).not.toContain('localhost');

    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('npm', 'package.json', {}, 1));
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, `node -p "require('shout')('hi')"`)).toBe('HI\n');
    await copy.dispose();
    // The new package is there for the tests of the change, and the base's own files stay as they are.
    const base = await onBase?.();
    const overlay = { commit, paths: [], files: base?.files ?? new Map() };
    const old = await opened.workspace.openScratchCopy(opened.base, overlay, base?.setUp);
    expect(await shell(old, `node -p "require('shout')('hi')"`)).toBe('HI\n');
    await old.dispose();
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('adds to the named manifest of a repository with several packages', async () => {
    const opened = await world.open('acme/many', {
      ...lockedProject,
      'package.json': json({ name: 'app', version: '1.0.0', workspaces: ['api'] }),
      'api/package.json': json({ name: 'api', version: '1.0.0' }),
      'package-lock.json': lockfile(
        { api: { version: '1.0.0' }, 'node_modules/api': { resolved: 'api', link: true } },
        { workspaces: ['api'] },
      ),
    });
    const added = await add(opened, ['whisper'], { dev: true, manifest: 'api/package.json' });
    expect(added.changedFiles).toEqual(['api/package.json', 'package-lock.json']);
    expect(JSON.parse(await shell(opened.workspace, 'cat api/package.json'))).toMatchObject({
      devDependencies: { whisper: '^1.0.0' },
    });
    expect(await shell(opened.workspace, `cd api && node -p "require('whisper')('hi')"`)).toBe('hi\n');
    await opened.workspace.dispose();
  });

  test('chooses the manifest that a request fits', async () => {
    const opened = await world.open('acme/two', { ...lockedProject, Gemfile: '' });
    await expect(add(opened, ['whisper'])).rejects.toThrow('several manifests: package.json, Gemfile.');
    await expect(add(opened, ['whisper@^9.0.0'])).rejects.toThrow(/^npm failed/);
    await opened.workspace.dispose();
  });

  test('without packages, installs what the agent wrote into the manifest and updates the lockfile', async () => {
    const opened = await world.open('acme/edited', lockedProject);
    const manifest = { name: 'app', version: '1.0.0', dependencies: { whisper: '1.0.0' } };
    await shell(opened.workspace, 'printf %s "$1" > package.json', json(manifest));
    const before = await measure(opened);
    expect(before.packages?.faults).toEqual(['package-lock.json does not fit its manifest.']);
    expect(before.after?.result.ok).toBe(true);
    await before.dispose?.();
    expect((await add(opened, [])).changedFiles).toEqual(['package-lock.json']);
    expect(await shell(opened.workspace, `node -p "require('whisper')('hi')"`)).toBe('hi\n');
    const after = await measure(opened);
    expect(after.packages).toMatchObject({ faults: [], direct: [{ name: 'whisper', to: '1.0.0' }] });
    await after.dispose?.();
    await opened.workspace.dispose();
  });

  test('says so if the set-up has no network access', async () => {
    const opened = await world.openOffline('acme/offline', lockedProject);
    await expect(add(opened, ['whisper'])).rejects.toThrow(/^Packages cannot be added here/);
    await opened.workspace.dispose();
  });
});
