import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AllowedHost } from './allowed-host.js';

const registryClients = ['npm', 'pip', 'go', 'cargo'] as const;
/** A package manager whose registry this machine's configuration can name. */
export type RegistryClient = (typeof registryClients)[number];

/**
 * The package registries of this machine, and the settings that package managers in a sandbox need to use
 * them.
 */
export interface Registries {
  hosts: AllowedHost[];
  /** The package managers whose registry the configuration names. */
  configured: RegistryClient[];
  /**
   * Environment variables for setup commands. They contain no credential, because install scripts can read
   * them.
   */
  environment: Record<string, string>;
  /** Certificate files to which the environment variables refer. */
  files: string[];
  /**
   * Credentials that the URLs of registries contain. They MUST NOT be printed. A token without a username is
   * stored as the password.
   */
  credentials: { setting: string; username: string; password: string }[];
}

/**
 * The settings of the package managers, as text. The text is empty if the package manager is not installed or
 * its settings file does not exist.
 */
export interface ToolSettings {
  /** Output of `npm config list --json`. */
  npm: string;
  /** Output of `pip3 config list`. */
  pip: string;
  /** Output of `go env -json`. */
  go: string;
  /** Content of ~/.cargo/config.toml. */
  cargo: string;
}

const run = promisify(execFile);
/** Time limit for a package manager. pip usually needs one second, but far longer on a busy machine. */
const toolTimeoutMs = 120_000;

/**
 * Asks the package managers of this machine (npm, pip, go, cargo) for their registries. Pullwright itself has
 * no list of registries.
 * @throws Error when a package manager is installed but fails
 */
export async function findRegistries(): Promise<Registries> {
  const [npm, pip, go, cargo] = await Promise.all([
    runTool('npm', ['config', 'list', '--json']),
    runTool('pip3', ['config', 'list']),
    runTool('go', ['env', '-json']),
    readIfThere(path.join(homedir(), '.cargo', 'config.toml')),
  ]);
  return readRegistries({ npm, pip, go, cargo });
}

export function readRegistries(settings: ToolSettings): Registries {
  const [npm, pip, go] = [parseJson(settings.npm), parseLines(settings.pip), parseJson(settings.go)];
  const urls: Record<RegistryClient, unknown[]> = {
    npm: Object.entries(npm)
      .filter(([name]) => name === 'registry' || name.endsWith(':registry'))
      .map(([, value]) => value),
    pip: [...pip].filter(([name]) => /(^|\.)(extra-)?index-url$/.test(name)).map(([, value]) => value),
    go: String(go.GOPROXY ?? '').split(/[,|]/),
    cargo: settings.cargo.match(/https?:\/\/[^"'\s]+/g) ?? [],
  };
  const hostsOf = (client: RegistryClient) => urls[client].flatMap(toAllowedHost);
  const certificates = [npm.cafile, pip.get('global.cert'), systemCertificates].find(
    (file): file is string => typeof file === 'string' && existsSync(file),
  );
  const environment: Record<string, string> = { ...skippedDownloads, npm_config_prefix: globalFolder };
  const credentials: Registries['credentials'] = [];
  const redact = (setting: string, text: string): string => {
    const { plain, username, password } = splitCredential(text);
    // In a registry URL, a username without a password is a token.
    if (password) credentials.push({ setting, username, password });
    else if (username) credentials.push({ setting, username: '', password: username });
    return plain;
  };
  if (typeof npm.registry === 'string') {
    environment.npm_config_registry = redact('npm: registry', npm.registry);
    environment.YARN_NPM_REGISTRY_SERVER = environment.npm_config_registry.replace(/\/$/, '');
    // Yarn 1 has a registry of its own, and takes another one only from this variable.
    environment.YARN_REGISTRY = environment.npm_config_registry;
  }
  const index = pip.get('global.index-url');
  if (index) environment.PIP_INDEX_URL = redact('pip: global.index-url', index);
  if (typeof go.GOPROXY === 'string')
    environment.GOPROXY = go.GOPROXY.split(/([,|])/)
      .map((part) => redact('go: GOPROXY', part))
      .join('');
  // A private proxy usually has modules that the public database of checksums does not know.
  for (const name of ['GOSUMDB', 'GONOSUMDB'])
    if (typeof go[name] === 'string' && go[name] !== '')
      environment[name] = go[name]
        .split(' ')
        .map((part) => redact(`go: ${name}`, part))
        .join(' ');
  if (certificates) for (const name of certificateVariables) environment[name] = certificates;
  return {
    hosts: registryClients.flatMap(hostsOf),
    // `off` in GOPROXY is no host, but a choice of the operator too.
    configured: registryClients.filter(
      (client) => hostsOf(client).length > 0 || (client === 'go' && typeof go.GOPROXY === 'string'),
    ),
    environment,
    files: certificates ? [certificates] : [],
    credentials,
  };
}

const systemCertificates = '/etc/ssl/certs/ca-certificates.crt';

/** `npm install --global` puts programs into the home folder, because /usr is read-only. */
const globalFolder = '/home/agent/.local';

/** Puppeteer downloads its browser from a host where everybody can own a part, so no list allows it. */
const skippedDownloads = { PUPPETEER_SKIP_DOWNLOAD: 'true', PUPPETEER_SKIP_CHROMIUM_DOWNLOAD: 'true' };

/**
 * Yarn 4 parses the file of YARN_HTTPS_CA_FILE_PATH again for each request, and Yarn 1 that of
 * npm_config_cafile. NODE_EXTRA_CA_CERTS has the same effect, and Node parses its file once.
 */
const certificateVariables = ['NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'SSL_CERT_FILE', 'CARGO_HTTP_CAINFO'];

/** Separates a URL from its credential. Text that is not a URL stays the same. */
function splitCredential(text: string): { plain: string; username: string; password: string } {
  const none = { plain: text, username: '', password: '' };
  if (!URL.canParse(text)) return none;
  const url = new URL(text);
  const { username, password } = url;
  if (!username && !password) return none;
  url.username = '';
  url.password = '';
  return { plain: url.href, username, password };
}

/**
 * Converts a registry URL to an allowed host. The operator configured this URL, so the address may be
 * private.
 */
function toAllowedHost(text: unknown): AllowedHost[] {
  if (typeof text !== 'string' || !URL.canParse(text)) return [];
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return [];
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return [{ host: url.hostname.toLowerCase(), port, mayBePrivate: true }];
}

/**
 * Returns the output of a program, or '' if the program is not installed. A missing program is no error,
 * because no repository can use it.
 */
async function runTool(program: string, args: string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: toolTimeoutMs, cwd: '/' })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    const { killed, message } = error as Error & { killed?: boolean };
    const reason = killed ? `no answer within ${toolTimeoutMs / 1000} s` : message;
    throw new Error(`\`${program} ${args.join(' ')}\`, which prints the package registry, failed: ${reason}`);
  }
}

function parseJson(text: string): Record<string, unknown> {
  return text.trim() === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** @param text lines such as `global.index-url='https://…'` */
function parseLines(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([^=]+)='(.*)'$/.exec(line) ?? [];
      return name && value ? [[name, value] as const] : [];
    }),
  );
}

async function readIfThere(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, 'utf8') : '';
}
