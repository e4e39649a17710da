import type { Mount } from '../sandbox-types.js';

/*
 * Package managers connect to a TCP port, but the proxy listens on a unix socket. A relay inside the sandbox
 * connects the two. It runs with the host's Node, which is mounted into the sandbox.
 */

const port = 3128;
const proxyUrl = `http://127.0.0.1:${port}`;

/** Environment variables that make package managers and other tools use the proxy. */
export const proxyEnvironment = {
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

/** Source code of the relay, a Node program. It prints `up` when it accepts connections. */
export const relayProgram = `
import net from 'node:net';
net.createServer((inner) => {
  const outer = net.connect('/run/proxy.sock');
  const end = () => { inner.destroy(); outer.destroy(); };
  inner.on('error', end).on('close', end).pipe(outer);
  outer.on('error', end).on('close', end).pipe(inner);
}).listen(${port}, '127.0.0.1', () => process.stdout.write('up'));
`;

/** Returns the mounts that the relay needs in the sandbox. */
export function mountRelay(proxySocket: string, relayFile: string): Mount[] {
  return [
    { from: proxySocket, to: '/run/proxy.sock', writable: true },
    { from: relayFile, to: '/run/relay.mjs', writable: false },
    { from: process.execPath, to: '/run/node', writable: false },
  ];
}

const startRelay = [
  'exec 9< <(exec /run/node /run/relay.mjs 2>/dev/null)',
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
