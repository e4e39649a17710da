import path from 'node:path';
import type { Toolchain } from '../environment.js';
import type { Files } from '../open-files.js';
import { asList, asMap, asText, own } from '../values.js';

type Versions = Partial<Record<Toolchain['name'] | 'pnpm' | 'yarn', string>>;

/** Names of tools in `.tool-versions`, `mise.toml` and `.sdkmanrc`. */
const toolNames: Record<string, Toolchain['name'] | 'pnpm' | 'yarn'> = {
  node: 'node',
  nodejs: 'node',
  python: 'python',
  go: 'go',
  golang: 'go',
  java: 'java',
  ruby: 'ruby',
  php: 'php',
  rust: 'rust',
  dotnet: 'dotnet',
  'dotnet-core': 'dotnet',
  bun: 'bun',
  deno: 'deno',
  pnpm: 'pnpm',
  yarn: 'yarn',
};

/** Reads the versions that one file asks for, by its name. Aliases such as `lts/*` stay as they are. */
export async function readVersionFile(files: Files, file: string): Promise<Versions> {
  const base = path.posix.basename(file);
  const plain = Object.hasOwn(plainFiles, base) ? plainFiles[base] : undefined;
  if (plain) {
    const version = firstLine((await files.text(file)) ?? '');
    return version ? { [plain]: base === '.ruby-version' ? version.replace(/^ruby-/, '') : version } : {};
  }
  const read = Object.hasOwn(readers, base) ? readers[base] : undefined;
  return read && files.paths.has(file) ? read(files, file) : {};
}

/** Files that contain nothing but a version. */
const plainFiles: Record<string, Toolchain['name']> = {
  '.nvmrc': 'node',
  '.node-version': 'node',
  '.python-version': 'python',
  '.ruby-version': 'ruby',
  '.java-version': 'java',
  '.go-version': 'go',
  '.php-version': 'php',
  '.bun-version': 'bun',
  '.deno-version': 'deno',
  '.dvmrc': 'deno',
};

const readers: Record<string, (files: Files, file: string) => Promise<Versions>> = {
  'rust-toolchain.toml': readRustToolchain,
  'rust-toolchain': readRustToolchain,
  'global.json': async (files, file) => one('dotnet', asMap(asMap(await files.json(file)).sdk).version),
  '.tool-versions': readToolVersions,
  'mise.toml': readMise,
  '.mise.toml': readMise,
  'package.json': readPackage,
  'pyproject.toml': readPyproject,
  'runtime.txt': async (files, file) => match('python', /^python-([\d.]+)/m, await files.text(file)),
  Pipfile: async (files, file) =>
    match('python', /^python_(?:full_)?version\s*=\s*["']([\d.]+)/m, await files.text(file)),
  'go.mod': async (files, file) =>
    match('go', /^(?:toolchain\s+go|go\s+)([\d.]+\w*)/m, toolchainFirst(await files.text(file))),
  'go.work': async (files, file) =>
    match('go', /^(?:toolchain\s+go|go\s+)([\d.]+\w*)/m, toolchainFirst(await files.text(file))),
  '.sdkmanrc': async (files, file) => match('java', /^java\s*=\s*(\d[\d.]*)/m, await files.text(file)),
  Gemfile: async (files, file) => match('ruby', /^\s*ruby\s*\(?\s*["']([^"']+)["']/m, await files.text(file)),
  'composer.json': readComposer,
  'pom.xml': readPom,
  'build.gradle': readGradle,
  'build.gradle.kts': readGradle,
};

/** The order of precedence. The files of one toolchain count in this order. */
const order = [...Object.keys(plainFiles), ...Object.keys(readers)];

/** Finds the versions that files in these folders ask for. Earlier folders take precedence. */
export async function findVersions(
  files: Files,
  folders: readonly string[],
): Promise<{ toolchains: Toolchain[]; packageManager: string | null }> {
  const found = new Map<string, Toolchain>();
  let packageManager: string | null = null;
  for (const folder of folders)
    for (const base of order) {
      const source = path.posix.join(folder, base);
      for (const [name, version] of Object.entries(await readVersionFile(files, source))) {
        if (name === 'pnpm' || name === 'yarn') packageManager ??= `${name}@${version}`;
        else if (!found.has(name))
          found.set(name, { name: name as Toolchain['name'], version: version.slice(0, 100), source });
      }
    }
  return { toolchains: [...found.values()], packageManager };
}

function one(name: Toolchain['name'], value: unknown): Versions {
  const version = asText(value)?.trim();
  return version ? { [name]: version } : {};
}

function match(name: Toolchain['name'], pattern: RegExp, text: string | null): Versions {
  return one(name, pattern.exec(text ?? '')?.[1]);
}

function firstLine(text: string): string {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim());
  return lines.find(Boolean)?.split(/\s+/)[0] ?? '';
}

/** In go.mod, the line `toolchain` is more exact than the line `go`. */
function toolchainFirst(text: string | null): string | null {
  const toolchain = /^toolchain\s+go\S+/m.exec(text ?? '')?.[0];
  return toolchain ?? text;
}

async function readRustToolchain(files: Files, file: string): Promise<Versions> {
  const text = (await files.text(file)) ?? '';
  if (!text.includes('[')) return one('rust', firstLine(text));
  return one('rust', asMap(asMap(await files.toml(file)).toolchain).channel);
}

async function readToolVersions(files: Files, file: string): Promise<Versions> {
  const versions: Versions = {};
  for (const line of ((await files.text(file)) ?? '').split('\n')) {
    const [name = '', version = ''] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const tool = own(toolNames, name);
    if (tool && version) versions[tool] ??= plainVersion(tool, version);
  }
  return versions;
}

async function readMise(files: Files, file: string): Promise<Versions> {
  const versions: Versions = {};
  for (const [name, value] of Object.entries(asMap(asMap(await files.toml(file)).tools))) {
    const tool = own(toolNames, name);
    const [first] = asList(value);
    const version = asText(first) ?? asText(asMap(first).version);
    if (tool && version) versions[tool] ??= plainVersion(tool, version);
  }
  return versions;
}

/** Versions of Java have the name of their distribution first, such as `temurin-21.0.2+13`. */
function plainVersion(tool: string, version: string): string {
  return (tool === 'java' && /\d+(?:\.\d+)*/.exec(version)?.[0]) || version;
}

async function readPackage(files: Files, file: string): Promise<Versions> {
  const { volta, engines, devEngines, packageManager } = asMap(await files.json(file));
  const pinned = asMap(volta);
  const runtime = asMap(asList(asMap(devEngines).runtime)[0]);
  const isNode = asText(runtime.name) === 'node';
  const node =
    asText(pinned.node) ?? (isNode ? asText(runtime.version) : null) ?? asText(asMap(engines).node);
  const bun = /^bun@([\d.]+)/.exec(asText(packageManager) ?? '')?.[1];
  const [pnpm, yarn] = [asText(pinned.pnpm), asText(pinned.yarn)];
  return { ...one('node', node), ...one('bun', bun), ...(pnpm && { pnpm }), ...(yarn && { yarn }) };
}

async function readPyproject(files: Files, file: string): Promise<Versions> {
  const { project, tool } = asMap(await files.toml(file));
  const poetry = asMap(asMap(asMap(tool).poetry).dependencies).python;
  return one('python', asMap(project)['requires-python'] ?? poetry);
}

async function readComposer(files: Files, file: string): Promise<Versions> {
  const { require, config } = asMap(await files.json(file));
  return one('php', asMap(asMap(config).platform).php ?? asMap(require).php);
}

async function readPom(files: Files, file: string): Promise<Versions> {
  const text = (await files.text(file)) ?? '';
  const names = [
    'maven\\.compiler\\.release',
    'java\\.version',
    'maven\\.compiler\\.target',
    'maven\\.compiler\\.source',
  ];
  for (const name of names) {
    const version = new RegExp(`<${name}>\\s*(?:1\\.)?(\\d+)[\\d.]*\\s*</`).exec(text)?.[1];
    if (version) return { java: version };
  }
  return match('java', /<release>\s*(\d+)\s*<\/release>/, text);
}

async function readGradle(files: Files, file: string): Promise<Versions> {
  const pattern =
    /(?:JavaLanguageVersion\.of\(|jvmToolchain\(|sourceCompatibility\s*=\s*(?:JavaVersion\.VERSION_|["'])?(?:1[._])?)["']?(\d+)/;
  return match('java', pattern, await files.text(file));
}
