import { describe, expect, test } from '@jest/globals';
import { explainMissing } from '../support/registries/find-tools.js';
import { add, json, measure, onlyAdded, shell, useComposerRepository } from './use-registry.js';

const missing = await explainMissing(['php', 'composer']);
if (missing) console.warn(`not tested with Composer: ${missing}`);

const world = useComposerRepository(
  missing
    ? []
    : [
        ...['1.0.0', '1.1.0'].map((version) => ({
          ...{ name: 'acme/whisper', version, manifest: { autoload: { files: ['whisper.php'] } } },
          files: { 'whisper.php': '<?php function whisper($text) { return $text; }' },
        })),
        {
          ...{ name: 'acme/shout', version: '2.0.0' },
          manifest: {
            license: ['MIT'],
            require: { 'acme/whisper': '^1.0' },
            autoload: { files: ['shout.php'] },
          },
          files: { 'shout.php': '<?php function shout($text) { return whisper(strtoupper($text)); }' },
        },
        {
          ...{ name: 'acme/plugin', version: '1.0.0' },
          manifest: {
            type: 'composer-plugin',
            require: { 'composer-plugin-api': '^2.0' },
            autoload: { classmap: ['Plugin.php'] },
            extra: { class: 'Plugin' },
          },
          files: {
            'Plugin.php': `<?php
class Plugin implements Composer\\Plugin\\PluginInterface {
  function activate($composer, $io) {
    touch(getenv('HOME') . '/spied-by-plugin');
    @file_get_contents(file_get_contents(getenv('HOME') . '/server') . 'spied');
  }
  function deactivate($composer, $io) {}
  function uninstall($composer, $io) {}
}`,
          },
        },
      ],
);

const setUp = ['composer install --no-interaction --no-progress'];
const say = `php -r 'require "vendor/autoload.php"; echo shout("hi"), "\\n";'`;
const manifest = (fields: object) =>
  `${JSON.stringify(
    {
      ...{ name: 'acme/app', keywords: ['a'], ...fields },
      repositories: [{ type: 'composer', url: world.registry.url }, { 'packagist.org': false }],
      config: { 'secure-http': false, 'allow-plugins': { 'acme/plugin': true } },
    },
    null,
    2,
  )}\n`;
const project = (require: object, more = {}) => ({
  '.gitignore': 'vendor\n',
  'composer.json': manifest({ require }),
  ...more,
});

(missing ? describe.skip : describe)('Composer', () => {
  test('adds a package to composer.json and lockfile, and installs it for the agent and for the measurement', async () => {
    const made = await world.open('acme/made', project({ 'acme/whisper': '1.0.0' }), [
      ...setUp,
      'cp composer.lock ~/made.lock',
    ]);
    const lockfile = await shell(made.workspace, 'cat ~/made.lock');
    await made.workspace.dispose();
    const files = project({ 'acme/whisper': '1.0.0' }, { 'composer.lock': lockfile });
    const opened = await world.open('acme/locked', files, setUp);
    expect(opened.workspace.setupResult).toMatchObject({ ok: true });
    expect(await add(opened, ['acme/shout'])).toEqual({
      installed: {
        'acme/shout': { version: '2.0.0', license: 'MIT', bytes: expect.any(Number), installScripts: [] },
      },
      changedFiles: ['composer.json', 'composer.lock'],
    });
    expect(await shell(opened.workspace, `git diff -U0 composer.json | grep '^[+-] '; ${say}`)).toBe(
      '-    "acme/whisper": "1.0.0"\n+    "acme/whisper": "1.0.0",\n+    "acme/shout": "^2.0"\nHI\n',
    );
    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('Composer', 'composer.json', { name: 'acme/shout' }));
    expect(after?.result).toMatchObject({ ok: true, network: false });
    const base = await onBase?.();
    const overlay = { commit, paths: [], files: base?.files ?? new Map() };
    const old = await opened.workspace.openScratchCopy(opened.base, overlay, base?.setUp);
    expect(await shell(old, say)).toBe('HI\n');
    await old.dispose();
    await dispose?.();

    // A lockfile of the change that names another place is not used.
    const elsewhere = `sed -i 's#${world.registry.url}dist/acme/shout#http://localhost:1/dist/acme/shout#' composer.lock`;
    await shell(opened.workspace, elsewhere);
    const attacked = await measure(opened);
    expect(attacked.after).toBeNull();
    expect(attacked.packages?.faults).toEqual([
      expect.stringMatching(/composer.lock takes acme\/shout 2.0.0 from another place than the registry/),
    ]);
    await shell(opened.workspace, 'git checkout -q composer.lock');
    const unfit = await measure(opened);
    expect(unfit.packages?.faults).toEqual(['composer.lock does not fit its manifest.']);
    expect(unfit.after?.result.ok).toBe(true);
    await unfit.dispose?.();
    await opened.workspace.dispose();
  });

  test('works without a lockfile in the repository, and runs plugins without network access', async () => {
    const files = { ...project({ 'acme/whisper': '^1.0' }), '.gitignore': 'vendor\ncomposer.lock\n' };
    const opened = await world.open('acme/unlocked', files, [
      `printf %s '${world.registry.url}' > ~/server`,
      ...setUp,
    ]);
    const spy = 'touch ~/spied-by-agent; curl -s -m 5 "$(cat ~/server)spied"; true';
    const edited = manifest({
      require: { 'acme/whisper': '^1.0' },
      scripts: { 'pre-command-run': spy, 'post-install-cmd': spy, 'post-autoload-dump': spy },
    });
    await shell(opened.workspace, 'printf %s "$1" > composer.json', edited);
    const added = await add(opened, ['acme/shout:^2.0', 'acme/plugin'], { dev: true });
    expect(added).toMatchObject({
      installed: {
        'acme/shout': { version: '2.0.0' },
        'acme/plugin': { installScripts: ['composer-plugin'] },
      },
      changedFiles: ['composer.json'],
    });
    expect(await shell(opened.workspace, `${say}; ls ~ | grep spied`)).toBe(
      'HI\nspied-by-agent\nspied-by-plugin\n',
    );
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      direct: [
        { name: 'acme/shout', to: '2.0.0', dev: true },
        { name: 'acme/plugin', to: '1.0.0', dev: true },
      ],
      faults: [],
    });
    expect(after?.result.ok).toBe(true);
    expect(world.registry.requests).not.toContain('GET /spied');
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('takes nothing from another place', async () => {
    const opened = await world.open('acme/attacked', project({}), []);
    for (const bad of ['https://example.org/x.zip', 'git@github.com:a/b', 'shout', 'a/b:dev-main#1', '-d/x'])
      await expect(add(opened, [bad])).rejects.toThrow('such as monolog/monolog:^3.0; found');
    await expect(add(opened, ['acme/absent'])).rejects.toThrow(/^Composer failed .*acme\/absent/);
    const { repositories, ...rest } = JSON.parse(manifest({})) as { repositories: object[] };
    const write = (fields: object) =>
      shell(opened.workspace, 'printf %s "$1" > composer.json', json({ ...rest, repositories, ...fields }));
    await write({ repositories: [{ type: 'vcs', url: 'https://example.org/x' }, ...repositories] });
    await expect(add(opened, ['acme/shout'])).rejects.toThrow(/^composer.json changes `repositories`/);
    await write({ require: { 'acme/shout': 'dev-main#0a1b' } });
    await expect(add(opened, [])).rejects.toThrow(
      'composer.json asks for acme/shout dev-main#0a1b, and only',
    );
    expect(world.registry.requests).not.toContain('GET /p2/x.json');
    await opened.workspace.dispose();
  });
});
