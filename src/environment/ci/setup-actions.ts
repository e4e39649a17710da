import type { Toolchain } from '../environment.js';
import { asText, type Values } from '../values.js';

interface SetupAction {
  name: Toolchain['name'];
  /** Inputs that name a version. The first one with a value counts. */
  versions: string[];
  /** Inputs that name a file with the version. */
  files: string[];
}

const tool = (name: Toolchain['name'], ...more: string[]): SetupAction => ({
  name,
  versions: [`${name}-version`, ...more],
  files: [`${name}-version-file`],
});

/** Actions that install toolchains, by their names without the version. */
const actions: [RegExp, SetupAction][] = [
  [/^(?:actions|useblacksmith|buildjet)\/setup-node$/, tool('node')],
  [
    /^(?:volta-cli\/action|wyvox\/action-setup-pnpm|bahmutov\/setup-node|guardian\/actions-setup-node)$/,
    tool('node'),
  ],
  [/^(?:actions|useblacksmith)\/setup-python$/, tool('python')],
  [
    /^(?:astral-sh\/setup-uv|pdm-project\/setup-pdm|deadsnakes\/action|conda-incubator\/setup-miniconda)$/,
    tool('python'),
  ],
  [/^(?:actions\/setup-java|graalvm\/setup-graalvm|oracle-actions\/setup-java)$/, tool('java', 'release')],
  [/^(?:actions|useblacksmith|buildjet)\/setup-go$/, tool('go')],
  [/^(?:ruby\/setup-ruby|actions\/setup-ruby|useblacksmith\/setup-ruby)$/, tool('ruby')],
  [/^shivammathur\/setup-php$/, tool('php')],
  [/^actions\/setup-dotnet$/, { name: 'dotnet', versions: ['dotnet-version'], files: ['global-json-file'] }],
  [/^oven-sh\/setup-bun$/, tool('bun')],
  [/^denoland\/setup-deno$/, tool('deno')],
  [
    /^(?:dtolnay\/rust-toolchain|actions-rs\/toolchain|actions-rust-lang\/setup-rust-toolchain|moonrepo\/setup-rust|hecrj\/setup-rust-action|actions-rust-lang\/rust-toolchain)$/,
    { name: 'rust', versions: ['toolchain', 'channel', 'rust-version'], files: [] },
  ],
];

export type SetupResult = { name: Toolchain['name'] } & ({ version: string } | { file: string } | object);

/**
 * Reads a step that installs a toolchain.
 * @param inputs the step's `with`, with its expressions replaced
 * @returns null if the action is no such action
 */
export function readSetupAction(uses: string, inputs: Values): SetupResult | null {
  const [action = '', ref = ''] = uses.toLowerCase().split('@');
  const setup = actions.find(([pattern]) => pattern.test(action))?.[1];
  if (!setup) return null;
  const { name, versions, files } = setup;
  for (const input of versions) {
    const version = chooseLine(asText(inputs[input]) ?? '');
    if (version) return { name, version };
  }
  for (const input of files) {
    const file = asText(inputs[input])?.trim();
    if (file) return { name, file };
  }
  // The version of this action is the version of Rust.
  if (action === 'dtolnay/rust-toolchain' && /^(?:\d|stable|beta|nightly)/.test(ref))
    return { name, version: ref };
  return { name };
}

const managers: [RegExp, Toolchain['name']][] = [
  [/^(?:nvm|fnm) (?:install|use|default)\s(?:--?[\w-]+\s+)*["']?((?:v?\d|lts\b)[\w./*]*)/, 'node'],
  [/^(?:sudo )?(?:npx )?n (?:install )?(v?\d[\w.]*|lts)$/, 'node'],
  [/^volta (?:install|pin) node@([\w.]+)/, 'node'],
  [/^pyenv (?:global|local|shell) (\d[\w.]*)/, 'python'],
  [/^rbenv (?:global|local|shell) (\d[\w.]*)/, 'ruby'],
  [/^rustup (?:default|override set) ([\w.]+)/, 'rust'],
];

/** Returns the toolchain that a command such as `nvm use 22` selects, or null. */
export function readVersionCommand(command: string): { name: Toolchain['name']; version: string } | null {
  for (const [pattern, name] of managers) {
    const version = pattern.exec(command)?.[1];
    if (version) return { name, version };
  }
  return null;
}

/** Some actions take several versions, one in each line. The newest stable one is the best one. */
function chooseLine(text: string): string {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
  const stable = lines.filter((line) => !/pypy|dev|nightly|alpha|beta|rc|graalpy|[\dt]t$/i.test(line));
  const sorted = [...(stable.length > 0 ? stable : lines)].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return (lines.length > 1 ? sorted.at(-1) : lines[0]) ?? '';
}

/** Images of containers that hold a toolchain, such as `node:20-bookworm`. */
const imageTools: Record<string, Toolchain['name']> = {
  node: 'node',
  'javascript-node': 'node',
  'typescript-node': 'node',
  python: 'python',
  go: 'go',
  golang: 'go',
  java: 'java',
  openjdk: 'java',
  'eclipse-temurin': 'java',
  amazoncorretto: 'java',
  ruby: 'ruby',
  php: 'php',
  rust: 'rust',
  sdk: 'dotnet',
  dotnet: 'dotnet',
  bun: 'bun',
  deno: 'deno',
};

/** Returns the toolchain that an image such as `node:20` holds, or null. */
export function readToolImage(image: string): { name: Toolchain['name']; version: string } | null {
  const [, base = '', tag = ''] = /(?:^|\/)([\w.-]+):([\w.-]+)$/.exec(image.split('@')[0] ?? '') ?? [];
  const java = /^(?:maven|gradle)$/.test(base)
    ? /(?:temurin|jdk|openjdk|corretto)-?(\d+)/.exec(tag)?.[1]
    : undefined;
  if (java) return { name: 'java', version: java };
  const name = Object.hasOwn(imageTools, base) ? imageTools[base] : undefined;
  // Images of devcontainers have their own version first, such as `1-20-bookworm`.
  const [, version] = /^(?:\d+(?:\.\d+)*-)?v?(\d+(?:\.\d+){0,2})(?:-|$)/.exec(tag) ?? [];
  return name && version ? { name, version } : null;
}
