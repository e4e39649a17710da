import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AllowedHost } from './egress-proxy.js';

/** Where packages come from, and how the package managers inside are told. */
export interface Registries {
  hosts: AllowedHost[];
  environment: Record<string, string>;
  /** Certificate files that the environment names. */
  files: string[];
  /** Stood in the URLs of registries, and in nothing above: install scripts read their environment. */
  credentials: { setting: string; username: string; password: string }[];
}

const run = promisify(execFile);
/** pip takes a second; on a machine that is busy with other runs, many more. */
const patienceMs = 120_000;

/**
 * Reads where this machine's own package managers are set to. No host is named in this program: npm, pip, cargo and go
 * say it themselves.
 */
export async function findRegistries(): Promise<Registries> {
  const [npm, pip, go, cargo] = await Promise.all([
    ask('npm', ['config', 'list', '--json']),
    ask('pip3', ['config', 'list']),
    ask('go', ['env', '-json']),
    readIfThere(path.join(homedir(), '.cargo', 'config.toml')),
  ]);
  return readRegistries({ npm, pip, go, cargo });
}

/** @param said what each of them says of its settings; '' for none */
export function readRegistries(said: Record<'npm' | 'pip' | 'go' | 'cargo', string>): Registries {
  const [npm, pip, go] = [readJson(said.npm), parseLines(said.pip), readJson(said.go)];
  const urls = [
    ...Object.entries(npm)
      .filter(([name]) => name === 'registry' || name.endsWith(':registry'))
      .map(([, value]) => value),
    ...[...pip].filter(([name]) => /(^|\.)(extra-)?index-url$/.test(name)).map(([, value]) => value),
    ...String(go.GOPROXY ?? '').split(/[,|]/),
    ...(said.cargo.match(/https?:\/\/[^"'\s]+/g) ?? []),
  ];
  const certificates = [npm.cafile, pip.get('global.cert'), machineCertificates].find(
    (file): file is string => typeof file === 'string' && existsSync(file),
  );
  const environment: Record<string, string> = {};
  const credentials: Registries['credentials'] = [];
  const redact = (setting: string, text: string): string => {
    const { plain, username, password } = splitCredential(text);
    // A name alone is a token.
    if (password) credentials.push({ setting, username, password });
    else if (username) credentials.push({ setting, username: '', password: username });
    return plain;
  };
  if (typeof npm.registry === 'string') {
    environment.npm_config_registry = redact('npm: registry', npm.registry);
    environment.YARN_NPM_REGISTRY_SERVER = environment.npm_config_registry.replace(/\/$/, '');
  }
  const index = pip.get('global.index-url');
  if (index) environment.PIP_INDEX_URL = redact('pip: global.index-url', index);
  if (typeof go.GOPROXY === 'string')
    environment.GOPROXY = go.GOPROXY.split(/([,|])/)
      .map((part) => redact('go: GOPROXY', part))
      .join('');
  if (certificates) {
    for (const name of [
      'npm_config_cafile',
      'NODE_EXTRA_CA_CERTS',
      'YARN_HTTPS_CA_FILE_PATH',
      'PIP_CERT',
      'SSL_CERT_FILE',
      'CARGO_HTTP_CAINFO',
    ])
      environment[name] = certificates;
  }
  return {
    hosts: urls.flatMap(fromUrl),
    environment,
    files: certificates ? [certificates] : [],
    credentials,
  };
}

/** A URL with and without who is let in by it; anything else as it is. */
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

const machineCertificates = '/etc/ssl/certs/ca-certificates.crt';

/** Someone set the machine to it: then it may be in the own network. */
function fromUrl(text: unknown): AllowedHost[] {
  if (typeof text !== 'string' || !URL.canParse(text)) return [];
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return [];
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return [{ host: url.hostname.toLowerCase(), port, mayBePrivate: true }];
}

/** @returns '' when this machine does not have the program: then no repository needs its registry either */
async function ask(program: string, args: string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: patienceMs, cwd: '/' })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    const { killed, message } = error as Error & { killed?: boolean };
    const why = killed ? `it gave no answer in ${patienceMs / 1000} s` : message;
    throw new Error(`${program} ${args.join(' ')} failed, and it says where packages come from: ${why}`);
  }
}

function readJson(text: string): Record<string, unknown> {
  return text.trim() === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** `global.index-url='https://…'`, a line each. */
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
