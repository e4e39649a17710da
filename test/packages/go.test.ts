import { describe, expect, test } from '@jest/globals';
import { runTool } from '../support/registries/find-tools.js';
import { add, measure, onlyAdded, shell, useGoProxy } from './use-registry.js';

const missing = await Promise.all([runTool('go', ['version']), runTool('python3', ['--version'])]).then(
  () => null,
  (error: Error) => `Go or Python is not in /usr and not in SANDBOX_TOOL_PATHS: ${error.message}`,
);
if (missing) console.log(`skipped, Go modules cannot be tested: ${missing}`);

const whisper = {
  path: 'example.com/whisper',
  files: { 'whisper.go': 'package whisper\n\nfunc Say(text string) string { return text }\n' },
};
const world = useGoProxy(
  missing
    ? []
    : [
        { ...whisper, version: 'v1.0.0' },
        { ...whisper, version: 'v1.1.0' },
        {
          path: 'example.com/shout',
          version: 'v1.2.0',
          goMod: 'go 1.17\n\nrequire (\n\texample.com/whisper v1.1.0\n\texample.com/tools v0.1.0\n)\n',
          files: {
            'shout.go':
              'package shout\n\nimport (\n\t"strings"\n\n\t"example.com/whisper"\n)\n\nfunc Say(text string) string { return whisper.Say(strings.ToUpper(text)) }\n',
            'LICENSE.md':
              'Permission is hereby granted, free of charge, to any person obtaining a\ncopy of this software',
          },
        },
        // Its root contains no package.
        { path: 'example.com/tools', version: 'v0.1.0', files: { 'pkg/pkg.go': 'package pkg\n' } },
      ],
);

const isolated = missing ? describe.skip : describe;
const setUp = ['go mod download'];
const main = (name: string) =>
  `package main\n\nimport "example.com/${name}"\n\nfunc main() { println(${name}.Say("hi")) }\n`;
/** Lists the packages that the program consists of, which Go also checks. */
const listUsed = 'go list -deps . | grep example';
const used = 'example.com/whisper\nexample.com/shout\n';
const project = { 'go.mod': 'module app\n\ngo 1.17\n', 'main.go': 'package main\n\nfunc main() {}\n' };

isolated('go', () => {
  test('adds a module, and installs it for the agent and for the measurement', async () => {
    const opened = await world.open('acme/first', project, setUp);
    expect(await add(opened, ['example.com/shout'])).toEqual({
      installed: {
        'example.com/shout': {
          version: 'v1.2.0',
          license: 'MIT',
          bytes: expect.any(Number),
          installScripts: [],
        },
      },
      changedFiles: ['go.mod', 'go.sum'],
    });
    expect(await shell(opened.workspace, 'cat go.mod')).toMatch(
      /^\s*(?:require )?example\.com\/shout v1\.2\.0$/m,
    );
    await shell(opened.workspace, 'printf %s "$1" > main.go', main('shout'));
    expect(await shell(opened.workspace, listUsed)).toBe(used);

    const { commit, packages, after, onBase, dispose } = await measure(opened);
    expect(packages).toEqual(onlyAdded('go', 'go.mod', { name: 'example.com/shout', to: 'v1.2.0' }, 1));
    expect(after?.result).toMatchObject({ ok: true, network: false });
    const copy = await opened.workspace.openScratchCopy(commit, null, after);
    expect(await shell(copy, listUsed)).toBe(used);
    await copy.dispose();
    expect([...((await onBase?.())?.files.keys() ?? [])].sort()).toEqual(['go.mod', 'go.sum']);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('completes the go.mod that the agent wrote, and adds the hashes of other versions', async () => {
    const first = await world.open('acme/whispering', { ...project, 'main.go': main('whisper') }, setUp);
    await add(first, ['example.com/whisper@v1.0.0']);
    const read = (file: string) => shell(first.workspace, 'cat "$1"', file);
    const files = {
      'main.go': main('whisper'),
      'go.mod': await read('go.mod'),
      'go.sum': await read('go.sum'),
    };
    await first.workspace.dispose();

    const opened = await world.open('acme/edited', files, setUp);
    await shell(opened.workspace, 'printf "\\nrequire example.com/shout v1.2.0 // loud\\n" >> go.mod');
    const before = await measure(opened);
    expect(before.packages?.faults.sort()).toEqual([
      'go.mod lacks packages that others need.',
      'go.sum does not fit its manifest.',
    ]);
    await before.dispose?.();
    expect((await add(opened, [])).changedFiles.sort()).toEqual(['go.mod', 'go.sum']);
    expect(await shell(opened.workspace, `cat go.mod; ${listUsed}`)).toMatch(
      /whisper v1\.1\.0(?:.|\n)*shout v1\.2\.0 \/\/ loud(?:.|\n)*\nexample.com\/whisper\n/,
    );
    const { packages, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      direct: [
        { name: 'example.com/whisper', from: 'v1.0.0', to: 'v1.1.0' },
        { name: 'example.com/shout', from: null, to: 'v1.2.0' },
      ],
      faults: [],
    });
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('adds a package of a module to one module of a workspace', async () => {
    const files = {
      'go.work': 'go 1.18\n\nuse (\n\t./api\n\t./lib\n)\n',
      'api/go.mod': 'module example.org/api\n\ngo 1.18\n',
      'api/main.go':
        'package main\n\nimport (\n\t_ "example.com/tools/pkg"\n\t_ "example.org/lib"\n)\n\nfunc main() {}\n',
      'lib/go.mod': 'module example.org/lib\n\ngo 1.18\n',
      'lib/lib.go': 'package lib\n',
    };
    const opened = await world.open('acme/workspace', files, setUp);
    expect(await add(opened, ['example.com/tools/pkg@v0.1.0'], { manifest: 'api/go.mod' })).toMatchObject({
      installed: { 'example.com/tools/pkg': { version: 'v0.1.0', license: null } },
      changedFiles: ['api/go.mod', 'api/go.sum'],
    });
    expect(await shell(opened.workspace, 'cd api && go list -deps . | grep example')).toBe(
      'example.com/tools/pkg\nexample.org/lib\nexample.org/api\n',
    );
    const { packages, after, dispose } = await measure(opened);
    expect(packages).toMatchObject({
      direct: [{ name: 'example.com/tools', manifest: 'api/go.mod', to: 'v0.1.0' }],
      faults: [],
    });
    expect(after?.result.ok).toBe(true);
    await dispose?.();
    await opened.workspace.dispose();
  });

  test('takes nothing from another place than the proxy', async () => {
    const opened = await world.open('acme/attacked', project, setUp);
    // Settings of Go in the home folder of the agent do not reach the download.
    await shell(
      opened.workspace,
      'mkdir -p ~/.config/go; printf "GOPROXY=direct\\nGOFLAGS=-mod=vendor\\n" > ~/.config/go/env',
    );
    world.registry.requests.length = 0;
    const refused = /and only modules of the Go proxy and folders of the repository can be added/;
    for (const line of [
      'replace example.com/whisper => ../whisper',
      'require example.com/whisper latest',
      'unknown example.com/whisper',
      'replace example.com/whisper => /usr/share/whisper',
    ]) {
      await shell(opened.workspace, 'printf "module app\\n\\ngo 1.17\\n\\n%s\\n" "$1" > go.mod', line);
      await expect(add(opened, ['example.com/shout'])).rejects.toThrow(refused);
    }
    const { packages, after } = await measure(opened);
    expect(after).toBeNull();
    expect(packages?.faults).toEqual([expect.stringMatching(refused)]);
    expect(world.registry.requests).toEqual([]);
    await shell(opened.workspace, 'git checkout -q go.mod');
    await expect(add(opened, ['localhost.example/none@v1.0.0'])).rejects.toThrow(/^go failed .*404/);
    expect(world.registry.requests.every((one) => /^GET \/localhost\.example(?:\/none)?\/@/.test(one))).toBe(
      true,
    );
    // Another version of Go is not downloaded.
    await shell(opened.workspace, 'printf "module app\\n\\ngo 1.99\\n\\ntoolchain go1.99.1\\n" > go.mod');
    world.registry.requests.length = 0;
    await expect(add(opened, ['example.com/shout'])).rejects.toThrow(/^go failed/);
    expect(world.registry.requests.filter((one) => one.includes('toolchain'))).toEqual([]);
    await opened.workspace.dispose();
  });
});
