import { describe, expect, test } from '@jest/globals';
import { explainMissing } from '../support/registries/find-tools.js';
import { add, measure, onlyAdded, shell, useGemServer } from './use-registry.js';

const missing = await explainMissing(['ruby', 'bundle', 'make', 'gcc']);
if (missing) console.warn(`not tested with Bundler: ${missing}`);

/** Writes a file, and sends a request to the server for gems, which a download may reach. */
const spy = `require 'fileutils'; require 'net/http'
FileUtils.touch(File.expand_path('~/spied'))
begin
  Net::HTTP.get(URI(File.read(File.expand_path('~/server')) + 'spied'))
rescue StandardError
end
`;

const world = useGemServer(
  missing
    ? []
    : [
        { name: 'whisper', version: '1.0.0', code: 'def whisper(text) = text' },
        { name: 'whisper', version: '1.1.0', code: 'def whisper(text) = text' },
        {
          ...{ name: 'shout', version: '2.0.0', license: 'MIT', dependencies: { whisper: '>= 1' } },
          code: "require 'whisper'\ndef shout(text) = whisper(text.upcase)",
        },
        {
          ...{ name: 'native', version: '1.2.0' },
          extension: `${spy}require 'mkmf'\ncreate_makefile('native')`,
        },
      ],
);

const setUp = ['bundle config set --global path "$HOME/.bundle/gems" && bundle install --quiet'];
const say = `bundle exec ruby -e "require 'shout'; puts shout('hi')"`;
const gemfile = (lines: string) => `# gems\nsource "${world.registry.url}"\n\n${lines}`;
const lockfile = (specs: string, dependencies: string) =>
  `GEM\n  remote: ${world.registry.url}\n  specs:\n${specs}\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n${dependencies}\nBUNDLED WITH\n   2.3.15\n`;

(missing ? describe.skip : describe)('Bundler', () => {
  test('adds a gem to Gemfile and lockfile, and installs it for the agent and for the measurement', async () => {
    const opened = await world.open(
      'acme/locked',
      {
        Gemfile: gemfile('gem "whisper", "~> 1.0"\n'),
        'Gemfile.lock': lockfile('    whisper (1.0.0)\n', '  whisper (~> 1.0)\n'),
      },
      setUp,
    );
    expect(opened.workspace.setupResult).toMatchObject({ ok: true });
    expect(await add(opened, ['shout'])).toEqual({
      installed: {
        shout: { version: '2.0.0', license: 'MIT', bytes: expect.any(Number), installScripts: [] },
      },
      changedFiles: ['Gemfile', 'Gemfile.lock'],
    });
    expect(await shell(opened.workspace, `git diff -U0 | grep '^[+-] *[^+-]'; ${say}`)).toBe(
      '+gem "shout", "~> 2.0"\n+    shout (2.0.0)\n+      whisper (>= 1)\n+  shout (~> 2.0)\nHI\n',
    );
    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('Bundler', 'Gemfile'));
    expect(after?.result).toMatchObject({ ok: true, network: false });
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, say)).toBe('HI\n');
    await copy.dispose();
    const base = await onBase?.();
    const overlay = { commit, paths: [], files: base?.files ?? new Map() };
    const old = await opened.workspace.openScratchCopy(opened.base, overlay, base?.setUp);
    expect(await shell(old, say)).toBe('HI\n');
    await old.dispose();
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('updates a lockfile that does not fit, and runs extensions without network access', async () => {
    const opened = await world.open(
      'acme/native',
      {
        Gemfile: gemfile('gem "whisper", "1.0.0"\n'),
        'Gemfile.lock': lockfile('    whisper (1.0.0)\n', '  whisper (= 1.0.0)\n'),
      },
      [`printf %s '${world.registry.url}' > ~/server`, ...setUp],
    );
    const write = (text: string) =>
      shell(opened.workspace, 'printf %s "$1" > Gemfile', gemfile(`gem "whisper", "1.1.0"\n${text}`));
    await write('');
    expect((await add(opened, ['native:1.2.0'], { dev: true })).installed).toMatchObject({
      native: { version: '1.2.0', license: null, installScripts: ['ext/extconf.rb'] },
    });
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      direct: [
        { name: 'whisper', from: '1.0.0', to: '1.1.0', dev: false },
        { name: 'native', from: null, to: '1.2.0', dev: true },
      ],
      faults: [],
    });
    expect(after?.result.ok).toBe(true);
    await dispose?.();
    expect(await shell(opened.workspace, 'ls ~/spied')).toMatch(/spied\n$/);
    expect(world.registry.requests).not.toContain('GET /spied');

    await write('gem "shout"\n');
    const unfit = await measure(opened);
    expect(unfit.packages?.faults).toEqual(['Gemfile.lock does not fit its manifest.']);
    expect(unfit.after?.result.ok).toBe(true);
    await unfit.dispose?.();
    await opened.workspace.dispose();
  });

  test('works without a lockfile in the repository', async () => {
    const files = { '.gitignore': 'Gemfile.lock\n', Gemfile: gemfile('gem "whisper"\n') };
    const opened = await world.open('acme/unlocked', files, setUp);
    expect((await add(opened, ['shout:~>2.0'])).changedFiles).toEqual(['Gemfile']);
    expect(await shell(opened.workspace, say)).toBe('HI\n');
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({ direct: [{ name: 'shout', from: null, to: '2.0.0' }], faults: [] });
    expect(after?.result.ok).toBe(true);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('evaluates nothing of the agent with network access, and says what cannot be added', async () => {
    const files = {
      Gemfile: `${gemfile('gemspec\n')}`,
      'app.gemspec':
        'Gem::Specification.new("app", "1") do |spec|\n  spec.summary = spec.author = "a"\nend\n',
    };
    const opened = await world.open('acme/attacked', files, [
      `printf %s '${world.registry.url}' > ~/server`,
      ...setUp,
    ]);
    await expect(add(opened, ['absent'])).rejects.toThrow(/^Bundler failed .*absent/);
    await expect(add(opened, ['git@github.com:a/b'])).rejects.toThrow('such as rack:~>3.0; found git@');
    const base = await shell(opened.workspace, 'cat Gemfile');
    await shell(opened.workspace, 'printf %s "$1" > Gemfile', `${base}${spy}`);
    await expect(add(opened, ['shout'])).rejects.toThrow(
      "Gemfile contains `require 'fileutils'; require 'net/http'`, and only lines such as",
    );
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([expect.stringMatching(/could not be downloaded: Gemfile contains/)]);
    // The code of the gemspec is the base's.
    const gemspec = `${spy}${files['app.gemspec'].replace('\n', '\n  spec.add_dependency "native"\n')}`;
    await shell(opened.workspace, 'git checkout -q Gemfile; printf %s "$1" > app.gemspec', gemspec);
    expect((await measure(opened)).packages?.direct).toMatchObject([
      { name: 'native', manifest: 'app.gemspec', from: null, to: '1.2.0' },
    ]);
    await add(opened, []);
    expect(await shell(opened.workspace, 'ls ~/spied')).toMatch(/spied\n$/);
    expect(world.registry.requests).not.toContain('GET /spied');
    await opened.workspace.dispose();
  });
});
