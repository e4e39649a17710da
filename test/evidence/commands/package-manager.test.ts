import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  findPackageManager,
  findRegistryVariables,
  type PackageManagerFields,
} from '../../../src/evidence/runners/node/package-manager.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

const treeOf = (files: Record<string, string>) => ({
  files: new Set(Object.keys(files)),
  readFile: async (file: string) => files[file] ?? null,
});
const find = (files: Record<string, string>, fields: PackageManagerFields = {}) =>
  findPackageManager(treeOf(files), fields);

/** Runs the commands with a fake npm and a fake package manager. @returns what npm was asked to install */
async function provideWith(commands: string[], name: string, version: string | null): Promise<string> {
  const bin = path.join(folder.path, `bin-${Math.random()}`);
  await mkdir(bin);
  const write = async (program: string, script: string) => {
    await writeFile(path.join(bin, program), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, program), 0o755);
  };
  // A shim of Corepack without network prints an error and no version.
  const shim =
    '[ "$COREPACK_ENABLE_NETWORK" = 0 ] && { echo "Network access disabled" >&2; exit 1; }; sleep 60';
  await write(name, version === null ? shim : `echo ${version}`);
  if (name !== 'npm') await write('npm', 'for last; do :; done; echo "$last"');
  else
    await write('npm', `[ "$1" = --version ] && echo ${version} || { for last; do :; done; echo "$last"; }`);
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder.path };
  return execFileSync('bash', ['-c', commands.join('\n')], { env, encoding: 'utf8' }).trim();
}

const pnpmLock = (version: string) => ({ 'pnpm-lock.yaml': `lockfileVersion: '${version}'\n` });
const yarnLock = (version: number) => ({ 'yarn.lock': `__metadata:\n  version: ${version}\n` });
const yarn1 = { 'yarn.lock': '# yarn lockfile v1\n' };

describe('the version of the package manager that is there, and the one that is installed', () => {
  type Case = [
    title: string,
    files: Record<string, string>,
    fields: PackageManagerFields,
    name: string,
    there: string | null,
    installed: string,
  ];
  const table: Case[] = [
    ['a shim of Corepack that would download', pnpmLock('9.0'), {}, 'pnpm', null, 'pnpm@9'],
    ['a pnpm that keeps the lockfile', pnpmLock('9.0'), {}, 'pnpm', '10.4.1', ''],
    ['a pnpm that is too new', pnpmLock('6.0'), {}, 'pnpm', '9.1.0', 'pnpm@8'],
    ['a pnpm that is too old', pnpmLock('9.0'), {}, 'pnpm', '8.15.0', 'pnpm@9'],
    ['lockfile 5.4', pnpmLock('5.4'), {}, 'pnpm', '8.15.0', 'pnpm@7'],
    [
      'settings of pnpm 10',
      { ...pnpmLock('9.0'), 'pnpm-workspace.yaml': 'onlyBuiltDependencies:\n  - a\n' },
      {},
      'pnpm',
      '9.15.0',
      'pnpm@10',
    ],
    [
      'settings that pnpm 9 reads elsewhere',
      { ...pnpmLock('9.0'), 'pnpm-workspace.yaml': 'packages: [a]\noverrides:\n  a: 1.0.0\n' },
      {},
      'pnpm',
      '9.15.0',
      'pnpm@10',
    ],
    [
      'settings of pnpm 11',
      { ...pnpmLock('9.0'), 'pnpm-workspace.yaml': 'allowBuilds:\n  a: true\n' },
      {},
      'pnpm',
      '9.15.0',
      'pnpm@11',
    ],
    ['engines', pnpmLock('9.0'), { engines: { pnpm: '>=10' } }, 'pnpm', '9.15.0', 'pnpm@10'],
    ['engines that the own one fits', pnpmLock('9.0'), { engines: { pnpm: '>=9' } }, 'pnpm', '11.1.0', ''],
    [
      'engines with a minor version',
      pnpmLock('9.0'),
      { engines: { pnpm: '>=9.5.0' } },
      'pnpm',
      '9.1.0',
      'pnpm@>=9.5.0 9.x',
    ],
    ['engines that mean nothing', pnpmLock('9.0'), { engines: { pnpm: 'please' } }, 'pnpm', '9.1.0', ''],
    ['an exact version', {}, { packageManager: 'pnpm@9.1.0+sha512.abc' }, 'pnpm', '9.2.0', 'pnpm@9.1.0'],
    [
      'devEngines',
      {},
      { devEngines: { packageManager: { name: 'pnpm', version: '^10.2.0' } } },
      'pnpm',
      '9.2.0',
      'pnpm@>=10.2.0 <11.0.0-0 10.x',
    ],
    ['npm of the same major version', {}, { packageManager: 'npm@10.2.3' }, 'npm', '10.9.4', ''],
    ['npm of another major version', {}, { packageManager: 'npm@10.2.3' }, 'npm', '11.1.0', 'npm@10.2.3'],
    ['Yarn 1', yarn1, {}, 'yarn', '1.22.22', ''],
    ['Yarn 1 in place of a newer one', yarn1, {}, 'yarn', '4.1.0', 'yarn@1'],
    ['Yarn 3', yarnLock(6), {}, 'yarn', '1.22.22', '@yarnpkg/cli-dist@3'],
    ['Yarn 4', yarnLock(8), {}, 'yarn', '4.9.1', ''],
    [
      'a release of Yarn in the repository',
      {
        ...yarnLock(8),
        '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.1.0.cjs\n',
        '.yarn/releases/yarn-4.1.0.cjs': '',
      },
      { packageManager: 'yarn@4.1.0' },
      'yarn',
      '1.22.22',
      '',
    ],
    ['Bun', { 'bun.lock': '' }, {}, 'bun', '1.2.0', ''],
  ];
  test.each(table)('%s', async (_, files, fields, name, there, installed) => {
    const manager = await find(files, fields);
    expect(manager.name).toBe(name);
    expect(await provideWith(manager.provide, name, there)).toBe(installed);
  });
});

describe('the command that installs', () => {
  test('a release of Yarn 1 in the repository is no modern Yarn', async () => {
    const release = {
      '.yarnrc': 'yarn-path ".yarn/releases/yarn-1.22.19.cjs"\n',
      '.yarn/releases/yarn-1.22.19.cjs': '',
    };
    expect(await find({ ...yarn1, ...release })).toMatchObject({ isModernYarn: false });
  });

  test('a release of Yarn that is not in the repository does not count', async () => {
    const { provide } = await find({
      ...yarnLock(8),
      '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.1.0.cjs\n',
    });
    expect(provide[0]).toContain('@yarnpkg/cli-dist@4');
  });

  test('of two lockfiles, the package.json decides, and otherwise pnpm comes before Yarn and npm', async () => {
    const files = { ...yarn1, ...pnpmLock('9.0'), 'package-lock.json': '{}', 'bun.lock': '' };
    expect((await find(files)).name).toBe('pnpm');
    expect((await find(files, { packageManager: 'yarn@1.22.22' })).name).toBe('yarn');
    expect((await find(files, { packageManager: 'npm@11.0.0' })).name).toBe('npm');
    expect((await find({ 'package-lock.json': '{}', 'bun.lock': '' })).name).toBe('npm');
  });

  test('a version that cannot exist is ignored', async () => {
    for (const packageManager of ['pnpm@9.0.0.1', 'npm@1.2.3.4'])
      expect((await find({ 'package-lock.json': '{}' }, { packageManager })).name).toBe('npm');
  });

  test('Bun installs from its lockfile', async () => {
    expect((await find({ 'bun.lockb': '' })).install).toEqual(['bun install --frozen-lockfile']);
  });
});

describe('other names of the registry in a lockfile', () => {
  const sha = 'sha512-abc';
  const cases: [string, string, string, string][] = [
    [
      'package-lock.json',
      'npm ci',
      `"resolved": "https://registry.npm.taobao.org/ms/download/ms-2.1.3.tgz?cache=0&x=y",\n"resolved": "https://registry.npmmirror.com/@a/b/-/b-1.0.0.tgz",\n"resolved": "https://codeload.github.com/a/b/tar.gz/main",\n"integrity": "${sha}"\n`,
      `"resolved": "http://mine.example/npm/ms/-/ms-2.1.3.tgz",\n"resolved": "http://mine.example/npm/@a/b/-/b-1.0.0.tgz",\n"resolved": "https://codeload.github.com/a/b/tar.gz/main",\n"integrity": "${sha}"\n`,
    ],
    [
      'yarn.lock',
      'yarn install --frozen-lockfile',
      `# yarn lockfile v1\nms@2:\n  resolved "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#d8b1"\n  resolved "https://registry.npm.taobao.org/ms/download/ms-2.1.3.tgz?cache=0#d8b1"\n  resolved "https://codeload.github.com/a/b/tar.gz/c0ffee"\n`,
      `# yarn lockfile v1\nms@2:\n  resolved "http://mine.example/npm/ms/-/ms-2.1.3.tgz#d8b1"\n  resolved "http://mine.example/npm/ms/-/ms-2.1.3.tgz#d8b1"\n  resolved "https://codeload.github.com/a/b/tar.gz/c0ffee"\n`,
    ],
    [
      'yarn.lock',
      'yarn install --immutable',
      `__metadata:\n  version: 8\n  resolution: "ms@npm:2.1.3::__archiveUrl=https%3A%2F%2Fregistry.npmmirror.com%2Fms%2F-%2Fms-2.1.3.tgz"\n`,
      `__metadata:\n  version: 8\n  resolution: "ms@npm:2.1.3"\n`,
    ],
    [
      'pnpm-lock.yaml',
      'pnpm install --frozen-lockfile',
      `lockfileVersion: '9.0'\n    resolution: {integrity: ${sha}, tarball: https://registry.npmmirror.com/ms/-/ms-2.1.3.tgz}\n    resolution: {tarball: https://codeload.github.com/a/b/tar.gz/c0ffee}\n`,
      `lockfileVersion: '9.0'\n    resolution: {integrity: ${sha}}\n    resolution: {tarball: https://codeload.github.com/a/b/tar.gz/c0ffee}\n`,
    ],
  ];
  test.each(cases)(
    'in %s of %s become the configured one for the installation',
    async (file, start, before, during) => {
      const { install } = await find({ [file]: before });
      const cwd = path.join(folder.path, `lock-${Math.random()}`);
      await mkdir(cwd);
      await writeFile(path.join(cwd, file), before);
      const [command = ''] = install;
      expect(command).toContain(start);
      const shown = command.replace(new RegExp(`${start}[^;]*`), `cat ${file}`);
      const env = { PATH: '/usr/bin:/bin', npm_config_registry: 'http://mine.example/npm/' };
      expect(execFileSync('bash', ['-c', shown], { cwd, env, encoding: 'utf8' })).toBe(during);
      expect(await readFile(path.join(cwd, file), 'utf8')).toBe(before);
    },
  );

  test('a lockfile that names only the usual registry is used as it is', async () => {
    const npm = await find({
      'package-lock.json': '"resolved": "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz"',
    });
    expect(npm.install).toEqual(['npm ci --no-audit --no-fund']);
    expect((await find(yarnLock(8))).install).toEqual(['yarn install --immutable']);
    expect((await find(pnpmLock('9.0'))).install).toEqual(['pnpm install --frozen-lockfile']);
  });
});

test('variables that the configuration of registries names are found, and get no value', async () => {
  const v = (text: string) => text.replaceAll('<', '$' + '{').replaceAll('>', '}');
  const found = await findRegistryVariables(
    treeOf({
      '.npmrc': v(
        '# <COMMENTED>\n//npm.example/:_authToken=<NPM_TOKEN>\n//b/:_authToken=<NODE_AUTH_TOKEN>\n@a:registry=<A_REGISTRY>\nb=<OPTIONAL?>\n',
      ),
      'api/.yarnrc.yml': v('npmAuthToken: "<YARN_KEY:-none>"\nx: "<GH_TOKEN>"\ncacheFolder: <HOME>/x\n'),
      'bunfig.toml': '[install.scopes]\n"@a" = { token = "$BUN_AUTH" }\n',
      'src/.npmrc.ts': v('<NOT_THIS>'),
      'pip.conf': v('[global]\nextra-index-url = https://<PIP_KEY>:<INDEX_KEY>@pip.example/simple\n'),
      '.cargo/config.toml': v('[registries.a]\nindex = "https://<CARGO_KEY>@cargo.example"\n'),
      '.bundle/config': v('BUNDLE_GEMS__EXAMPLE: "<GEM_KEY>"\n'),
      Gemfile: `source "https://#{ENV.fetch('BUNDLE_KEY')}@gems.example" do
        gem 'a', ENV['A_VERSION'] || '1', ENV.fetch("B") { '2' }, ENV.fetch('C', '3')
      end`,
      '.mvn/ci_settings.xml': `<p>${v('<env.MAVEN_PASSWORD>')}</p><!-- ${v('<env.OLD>')} -->${v('<env.JAVA_HOME>')}`,
      'NuGet.Config': '<add key="ClearTextPassword" value="%NUGET_KEY%" />',
    }),
  );
  expect(found).toEqual({
    NPM_TOKEN: '',
    NODE_AUTH_TOKEN: '',
    A_REGISTRY: '',
    OPTIONAL: '',
    GH_TOKEN: '',
    BUN_AUTH: '',
    INDEX_KEY: '',
    CARGO_KEY: '',
    GEM_KEY: '',
    BUNDLE_KEY: '',
    MAVEN_PASSWORD: '',
    NUGET_KEY: '',
  });
});
