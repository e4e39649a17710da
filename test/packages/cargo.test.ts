import { describe, expect, test } from '@jest/globals';
import { explainMissing } from '../support/registries/find-tools.js';
import { add, measure, onlyAdded, shell, useCrateRegistry } from './use-registry.js';

const missing = await explainMissing(['cargo', 'python3', 'cc']);
if (missing) console.log(`skipped, Cargo cannot be tested: ${missing}`);

/** Writes a file, and sends a request to the registry, which is the one host that a download may reach. */
const spy = `fn main() {
    let _ = std::fs::write(format!("{}/spied", std::env::var("HOME").unwrap()), "");
    let _ = std::process::Command::new("curl").args(["-s", "-m", "5", &std::fs::read_to_string("/workspace/url").unwrap()]).status();
}
`;
const world = useCrateRegistry(
  missing
    ? []
    : [
        {
          name: 'whisper',
          version: '1.0.0',
          files: { 'src/lib.rs': 'pub fn say(text: &str) -> String { text.into() }' },
        },
        {
          name: 'shout',
          version: '2.0.0',
          manifest: 'license = "MIT OR Apache-2.0"\n',
          dependencies: { whisper: '^1.0' },
          files: {
            'src/lib.rs': 'pub fn say(text: &str) -> String { whisper::say(&text.to_uppercase()) }',
            'build.rs': spy,
          },
        },
        {
          name: 'magic',
          version: '0.1.0',
          manifest: '[lib]\nproc-macro = true\n',
          files: { 'src/lib.rs': '' },
        },
      ],
);

const isolated = missing ? describe.skip : describe;
const setUp = ['cargo fetch'];
const main = 'fn main() { println!("{}", shout::say("hi")); }\n';
const manifest = `[package]
name = "app" # mine
version = "0.1.0"
edition = "2021"
links = "app"

[[bin]]
name = "tool"

[dependencies]
`;
const lockfile = 'version = 3\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n';

/** The files of a project whose Cargo uses the registry of the test. */
const project = (files: Record<string, string> = {}) => ({
  '.gitignore': 'target\n',
  '.cargo/config.toml': `[source.crates-io]\nreplace-with = "test"\n\n[source.test]\nregistry = "sparse+${world.registry.url}index/"\n`,
  'Cargo.toml': manifest,
  'Cargo.lock': lockfile,
  'build.rs': 'fn main() {}\n',
  'src/bin/tool.rs': 'fn main() {}\n',
  url: `${world.registry.url}spied`,
  ...files,
});
const run = 'cargo run --quiet --bin tool';

isolated('cargo', () => {
  test('adds a package, installs it for the agent and for the measurement, and runs its code without network', async () => {
    const opened = await world.open('acme/first', project(), setUp);
    expect(opened.workspace.setupResult).toMatchObject({ ok: true });
    await shell(opened.workspace, 'echo "# end" >> Cargo.toml');
    world.registry.requests.length = 0;
    expect(await add(opened, ['shout@2'])).toEqual({
      installed: {
        shout: {
          ...{ version: '2.0.0', license: 'MIT OR Apache-2.0', bytes: expect.any(Number) },
          installScripts: ['build.rs'],
        },
      },
      changedFiles: ['Cargo.toml', 'Cargo.lock'],
    });
    expect(await shell(opened.workspace, 'cat Cargo.toml; git status --short')).toBe(
      `${manifest}shout = "2"\n# end\n M Cargo.lock\n M Cargo.toml\n`,
    );
    expect(await shell(opened.workspace, 'cat Cargo.lock')).not.toContain('localhost');
    await shell(opened.workspace, 'printf %s "$1" > src/bin/tool.rs', main);
    expect(await shell(opened.workspace, run)).toBe('HI\n');

    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(
      onlyAdded('cargo', 'Cargo.toml', { license: 'MIT OR Apache-2.0', installScripts: ['build.rs'] }, 1),
    );
    expect(after?.result).toMatchObject({ ok: true, network: false });
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, run)).toBe('HI\n');
    await copy.dispose();
    expect((await onBase?.())?.files.get('Cargo.toml')).toContain('shout = "2"');
    // The build script of the package did run, but reached nothing.
    expect(await shell(opened.workspace, 'ls ~/spied')).toContain('/spied');
    expect(world.registry.requests.filter((one) => one.includes('spied'))).toEqual([]);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('adds to one package of a workspace, and installs what the agent wrote', async () => {
    const member = (name: string) => `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n`;
    const files = project({
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
      'Cargo.lock': `${lockfile.replace('"app"', '"api"')}\n[[package]]\nname = "lib"\nversion = "0.1.0"\n`,
      'crates/api/Cargo.toml': member('api'),
      'crates/api/src/main.rs': 'fn main() {}\n',
      'crates/lib/Cargo.toml': member('lib'),
      'crates/lib/src/lib.rs': '',
    });
    const opened = await world.open('acme/workspace', files, setUp);
    expect(await add(opened, ['magic'], { dev: true, manifest: 'crates/api/Cargo.toml' })).toMatchObject({
      installed: { magic: { version: '0.1.0', license: null, installScripts: ['procedural macro'] } },
      changedFiles: ['crates/api/Cargo.toml', 'Cargo.lock'],
    });
    await shell(
      opened.workspace,
      'printf "\\n[dependencies]\\nwhisper = \\"1\\"\\n" >> crates/lib/Cargo.toml; mkdir -p crates/new/src; printf "$1" > crates/new/Cargo.toml; touch crates/new/src/lib.rs',
      member('new'),
    );
    const before = await measure(opened);
    expect(before.packages?.faults).toEqual(['Cargo.lock does not fit its manifest.']);
    await before.dispose?.();
    expect((await add(opened, [])).changedFiles).toEqual(['Cargo.lock']);
    const { packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      direct: [
        { name: 'magic', manifest: 'crates/api/Cargo.toml', dev: true },
        { name: 'whisper', manifest: 'crates/lib/Cargo.toml', to: '1.0.0' },
      ],
      faults: [],
    });
    expect(after?.result.ok).toBe(true);
    // The new package has no source code on the base commit.
    expect([...((await onBase?.())?.files.keys() ?? [])].sort()).toEqual([
      ...['Cargo.lock', 'crates/api/Cargo.toml', 'crates/lib/Cargo.toml'],
    ]);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('runs no code of the agent with network access, and takes nothing from another place', async () => {
    const opened = await world.open('acme/attacked', project(), setUp);
    const write = (file: string, text: string) =>
      shell(opened.workspace, 'mkdir -p "$(dirname "$1")"; printf %s "$2" > "$1"; chmod +x "$1"', file, text);
    const program =
      '#!/bin/sh\ncurl -s -m 5 "$(cat /workspace/url)" >/dev/null\ntouch ~/wrapped\nexec "$@"\n';
    await write('tools/wrapper', program);
    await write('build.rs', spy);
    await write(
      '.cargo/config.toml',
      `[build]\nrustc-wrapper = "tools/wrapper"\nrustc = "tools/wrapper"\n[source.crates-io]\nreplace-with = "x"\n[source.x]\nregistry = "sparse+http://localhost:1/"\n`,
    );
    world.registry.requests.length = 0;
    await add(opened, ['whisper']).catch(() => null);
    expect(world.registry.requests).toContain('GET /crates/whisper-1.0.0.crate');
    expect(world.registry.requests.filter((one) => one.includes('spied'))).toEqual([]);
    world.registry.requests.length = 0;
    await write('Cargo.toml', `${manifest}x = { git = "http://localhost:1/x" }\n`);
    await expect(add(opened, ['whisper'])).rejects.toThrow(
      'Cargo.toml asks for a package from git = http://',
    );
    await write('Cargo.toml', `${manifest}shout = "2"\n`);
    await write(
      'Cargo.lock',
      `${lockfile}\n[[package]]\nname = "shout"\nversion = "2.0.0"\nsource = "registry+http://localhost:1/"\n`,
    );
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([
      expect.stringMatching(
        /could not be downloaded: Cargo.lock takes a package from registry\+http:\/\/localhost:1/,
      ),
    ]);
    expect(world.registry.requests).toEqual([]);
    await opened.workspace.dispose();
  });
});
