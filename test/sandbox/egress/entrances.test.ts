import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AllowedHost, makeSandboxFolder, type Sandbox } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

/** Larger than every buffer on the way. */
const large = 'x'.repeat(20_000_000);

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;
let plain: http.Server;
let secure: https.Server;
let certificate: string;
let connections: number;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const [key, file] = [path.join(folder.path, 'key.pem'), path.join(folder.path, 'tree', 'cert.pem')];
  const sandboxes = await openTestSandboxes(folder.path);
  await makeSandboxFolder(path.join(folder.path, 'tree'), sandboxes.uid);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...kind, '-keyout', key, '-out', file, ...subject], { stdio: 'ignore' });
  certificate = readFileSync(file, 'utf8');
  const answer: http.RequestListener = (request, response) => {
    if (request.url === '/large') response.writeHead(200, { connection: 'close' }).end(large);
    else response.end(`from the host ${request.url}`);
  };
  plain = http.createServer(answer);
  secure = https.createServer({ key: readFileSync(key), cert: certificate }, answer);
  for (const server of [plain, secure] as net.Server[]) {
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  sandbox = sandboxes.open([{ from: path.join(folder.path, 'tree'), to: '/workspace', writable: true }]);
});

afterAll(async () => {
  await sandbox.dispose();
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await folder.remove();
});

const portOf = (server: net.Server) => (server.address() as AddressInfo).port;
/** Runs a Node program that knows no proxy. */
const run = (program: string, { more = [] as AllowedHost[], file = 'program.cjs', env = {} } = {}) => {
  connections = 0;
  const hosts = [plain, secure].map((server) => ({
    host: 'localhost',
    port: portOf(server),
    mayBePrivate: true,
  }));
  return sandbox.execute({
    script: 'cat > "$1" && node "$1"',
    args: [file],
    stdin: program,
    env,
    timeoutMs: 60_000,
    egress: [...hosts, ...more],
  });
};
const get = (url: string) => `
const http = require('${url.split(':')[0]}');
http.get('${url}', { ca: require('fs').readFileSync('cert.pem') }, (answer) => {
  let size = 0; answer.on('data', (chunk) => size += chunk.length).on('end', () => console.log(size));
}).on('error', ({ code }) => console.log(code));`;

test('a Node program that knows no proxy reaches an allowed host', async () => {
  const { stdout } = await run(
    `fetch('http://localhost:${portOf(plain)}/a').then((a) => a.text()).then(console.log)`,
  );
  expect(stdout).toBe('from the host /a\n');
  const socket = `require('net').connect(${portOf(plain)}, 'localhost', function () { console.log('open'); this.destroy() })`;
  expect((await run(socket)).stdout).toBe('open\n');
});

test('TLS still checks the name of the host', async () => {
  expect((await run(get(`https://localhost:${portOf(secure)}/a`))).stdout).toBe('16\n');
  const other = get(`https://localhost:${portOf(secure)}/a`).replace(
    '{ ca',
    "{ servername: 'other.example', ca",
  );
  expect((await run(other)).stdout).toBe('ERR_TLS_CERT_ALTNAME_INVALID\n');
});

test('an answer arrives as a whole, also if the host then closes the connection', async () => {
  const urls = [`http://localhost:${portOf(plain)}/large`, `https://localhost:${portOf(secure)}/large`];
  for (const url of urls)
    expect(await run(get(url))).toMatchObject({ ended: 'exited', output: `${large.length}\n` });
});

test('a program keeps its connection open for more requests', async () => {
  const { stdout } = await run(`
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const next = (left) => left === 0 ? process.exit() : http.get('http://localhost:${portOf(plain)}/' + left, { agent }, (answer) =>
  answer.on('data', (chunk) => console.log(String(chunk))).on('end', () => next(left - 1)));
next(3);`);
  expect(stdout.trim().split('\n')).toHaveLength(3);
  expect(connections).toBe(1);
});

const printProxies = `console.log(Object.keys(process.env).filter((name) => /^(?:https?|yarn.*|npm.*)_proxy$/i.test(name)).length)`;

test('a package manager does not learn of the proxy, and a host that it may not reach is reported', async () => {
  const program = `${printProxies}\n${get('http://refused.example/')}`;
  const { stdout, refusedHosts } = await run(program, { file: 'yarn-4.1.0.cjs' });
  expect(stdout).toMatch(/^0\nE/);
  expect(refusedHosts).toEqual(['refused.example:80']);
  expect((await run(printProxies)).stdout).not.toBe('0\n');
});

test('a program that a package manager starts gets the proxy', async () => {
  const program = `require('child_process').spawn('env', { stdio: 'inherit' })`;
  const { stdout } = await run(program, { file: 'pnpm.cjs' });
  expect(stdout).toContain('\nHTTPS_PROXY=http://127.0.0.1:');
  expect(stdout).toContain('\nnpm_config_https_proxy=http://127.0.0.1:');
});

test('a package manager keeps the proxy if only that leads to an allowed host', async () => {
  const more = [{ host: '*.example.org', port: 443, mayBePrivate: false }];
  expect((await run(printProxies, { file: 'yarn.js', more })).stdout).not.toBe('0\n');
});

test('the options of Node that a command has stay', async () => {
  const { stdout } = await run(
    "console.log(process.env.NODE_OPTIONS, require('v8').getHeapStatistics().heap_size_limit < 3e8)",
    {
      env: { NODE_OPTIONS: '--max-old-space-size=200' },
    },
  );
  expect(stdout).toBe('--require=/run/preload.cjs --max-old-space-size=200 true\n');
});
