import type { Mount } from '../sandbox-types.js';
import type { AllowedHost } from './allowed-host.js';

/*
 * Package managers connect to a TCP port, but the proxy listens on a unix socket. A relay inside the sandbox
 * connects the two. It runs with the host's Node, which is mounted into the sandbox.
 *
 * The relay also has one port for each allowed host, the host's entrance. A connection to the entrance is a
 * connection to the host. A program that is preloaded into every Node process sends connections to a host
 * through its entrance. So Node programs that know no proxies reach the allowed hosts, too. Yarn and pnpm
 * open a tunnel and make a TLS handshake for each request if they know of a proxy, and need several times as
 * long. Through entrances, they keep their connections open, so the preloaded program hides the proxy.
 */

const port = 3128;
const proxyUrl = `http://127.0.0.1:${port}`;
const firstEntrance = port + 1;
/** A longer list would make the environment of every process large. */
const maxEntrances = 200;
const entrancesVariable = 'PULLWRIGHT_ENTRANCES';
const preloadPath = '/run/preload.cjs';

const proxyEnvironment = {
  HTTP_PROXY: proxyUrl,
  HTTPS_PROXY: proxyUrl,
  http_proxy: proxyUrl,
  https_proxy: proxyUrl,
  npm_config_proxy: proxyUrl,
  npm_config_https_proxy: proxyUrl,
  YARN_HTTP_PROXY: proxyUrl,
  YARN_HTTPS_PROXY: proxyUrl,
  CARGO_HTTP_PROXY: proxyUrl,
  JAVA_TOOL_OPTIONS: [
    `-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${port}`,
    `-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${port}`,
  ].join(' '),
};

/** Returns environment variables that make package managers and other tools use the proxy. */
export function proxyEnvironmentOf(allowed: readonly AllowedHost[]): Record<string, string> {
  const hosts = [...new Set(allowed.map(({ host, port: its }) => `${host}:${its}`))];
  const exact = hosts.filter((host) => !host.startsWith('*')).slice(0, maxEntrances);
  return {
    ...proxyEnvironment,
    NODE_OPTIONS: `--require=${preloadPath}`,
    [entrancesVariable]: exact.map((host, index) => `${host}=${firstEntrance + index}`).join(' '),
    // A host that only a pattern allows has no entrance. Every program then keeps its proxy.
    ...(exact.length < hosts.length && { PULLWRIGHT_KEEP_PROXY: '1' }),
  };
}

/** Source code of the relay, a Node program. It prints `up` when it accepts connections. */
export const relayProgram = `
import net from 'node:net';
import { pipeline } from 'node:stream';
/* All data from outside reaches the program before its connection is closed. */
const join = (inner, outer) => {
  pipeline(outer, inner, () => inner.destroy());
  inner.on('error', () => outer.destroy()).on('close', () => outer.destroy()).pipe(outer);
};
const connect = () => net.connect({ path: '/run/proxy.sock', allowHalfOpen: true });
const relay = (inner) => join(inner, connect());
const enter = (host) => (inner) => {
  const outer = connect();
  let answer = Buffer.alloc(0);
  const end = () => { inner.destroy(); outer.destroy(); };
  inner.on('error', end).on('close', end);
  outer.on('error', end);
  outer.write('CONNECT ' + host + ' HTTP/1.1\\r\\nHost: ' + host + '\\r\\n\\r\\n');
  outer.on('end', end).on('data', function read(chunk) {
    answer = Buffer.concat([answer, chunk]);
    const at = answer.indexOf('\\r\\n\\r\\n');
    if (at < 0) return;
    if (!answer.toString('latin1').startsWith('HTTP/1.1 200')) return end();
    outer.pause().off('data', read).off('end', end);
    outer.unshift(answer.subarray(at + 4));
    join(inner, outer);
  });
};
const ports = [[${port}, relay]];
for (const entrance of (process.env.${entrancesVariable} || '').split(' ').filter(Boolean)) {
  const [host, at] = entrance.split('=');
  ports.push([Number(at), enter(host)]);
}
const listen = ([at, answer]) => new Promise((resolve) =>
  net.createServer({ noDelay: true, allowHalfOpen: true }, answer).listen({ port: at, host: '127.0.0.1', backlog: 1024 }, resolve));
await Promise.all(ports.map(listen));
process.stdout.write('up');
`;

/**
 * Source code of the program that is preloaded into Node processes. It runs with every version of Node that a
 * repository uses. It changes only where a socket connects to, below TLS: the names that TLS checks stay the
 * same.
 */
export const preloadProgram = `
'use strict';
const net = require('net');
const path = require('path');
const list = (process.env.${entrancesVariable} || '').split(' ').filter(Boolean);
const entrances = new Map(list.map((entrance) => entrance.split('=')));
const original = net.Socket.prototype.connect;
const script = path.basename(process.argv[1] || '');
const isManager = /^(?:p?np[mx]|yarn(?:pkg)?)(?:[-.@].*)?$/.test(script);
const leavesProxy = isManager && entrances.size > 0 && !process.env.PULLWRIGHT_KEEP_PROXY;
if (leavesProxy) {
  const removed = [];
  for (const [name, value] of Object.entries(process.env))
    if (/^(?:https?_proxy|npm_config_(?:https_)?proxy|yarn_https?_proxy)$/i.test(name)) {
      removed.push(name + '=' + value);
      delete process.env[name];
    }
  /* Programs that it starts, such as git, need the proxy. */
  const { prototype } = require('child_process').ChildProcess;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    if (options && Array.isArray(options.envPairs)) options.envPairs.push(...removed);
    return spawn.call(this, options);
  };
}
/* A refused connection must reach the proxy, which reports it. */
const report = (host, port) => {
  const socket = new net.Socket();
  socket.on('error', () => {});
  original.call(socket, ${port}, '127.0.0.1');
  socket.once('data', () => socket.destroy());
  socket.write('CONNECT ' + host + ':' + port + ' HTTP/1.1\\r\\n\\r\\n');
};
const redirect = (options) => {
  if (!options || typeof options !== 'object' || options.path || !options.host) return options;
  const host = String(options.host).toLowerCase();
  const entrance = entrances.get(host + ':' + options.port);
  if (entrance) return { ...options, host: '127.0.0.1', port: Number(entrance), family: 4, lookup: undefined };
  if (leavesProxy && !net.isIP(host) && host !== 'localhost') report(host, options.port);
  return options;
};
net.Socket.prototype.connect = function connect(...given) {
  if (Array.isArray(given[0])) given[0][0] = redirect(given[0][0]);
  else if (given[0] !== null && typeof given[0] === 'object') given[0] = redirect(given[0]);
  else if (typeof given[1] === 'string') {
    const { host, port } = redirect({ port: given[0], host: given[1] });
    given.splice(0, 2, port, host);
  }
  return original.apply(this, given);
};
`;

/** Returns the mounts that the relay needs in the sandbox. */
export function mountRelay(proxySocket: string, files: { relay: string; preload: string }): Mount[] {
  return [
    { from: proxySocket, to: '/run/proxy.sock', writable: true },
    { from: files.relay, to: '/run/relay.mjs', writable: false },
    { from: files.preload, to: preloadPath, writable: false },
    { from: process.execPath, to: '/run/node', writable: false },
  ];
}

const startRelay = [
  'exec 9< <(NODE_OPTIONS= exec /run/node /run/relay.mjs 2>/dev/null)',
  "read -rn2 -t 10 -u 9 || { echo 'sandbox: the network relay did not start within 10 s' >&2; exit 125; }",
  'exec 9<&-',
].join('; ');

/**
 * Adds a line of bash before a script. That line starts the relay and waits until the relay accepts
 * connections.
 */
export function startRelayBefore(script: string): string {
  return `${startRelay}\n${script}`;
}
