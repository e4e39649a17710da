import path from 'node:path';

/** What a command sees of an environment; nothing of this process's own is in it. */
export const baseEnvironment = {
  // What set-up installed into the home comes first: a package manager, a Python environment.
  PATH: '/home/agent/.local/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/agent',
  USER: 'agent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  // Tools ask no questions and watch no files then.
  CI: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

export function toolPath(folders: readonly string[]): string {
  const [home, ...rest] = baseEnvironment.PATH.split(':');
  return [home, ...folders.flatMap((folder) => [path.join(folder, 'bin'), folder]), ...rest].join(':');
}

const proxyPort = 3128;
const proxyUrl = `http://127.0.0.1:${proxyPort}`;

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
  JAVA_TOOL_OPTIONS: `-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${proxyPort} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${proxyPort}`,
};

/** Package managers speak to a TCP port; the way out is a unix socket. This stands between, inside. */
export const relay = `
import net from 'node:net';
net.createServer((inner) => {
  const outer = net.connect('/run/proxy.sock');
  const end = () => { inner.destroy(); outer.destroy(); };
  inner.on('error', end).on('close', end).pipe(outer);
  outer.on('error', end).on('close', end).pipe(inner);
}).listen(${proxyPort}, '127.0.0.1', () => process.stdout.write('up'));
`;

/** Lines before a script that goes through the proxy. */
export const startRelay = `exec 9< <(exec /run/node /run/relay.mjs 2>/dev/null); read -rn2 -t 10 -u 9 || { echo 'the way to the registries did not come up' >&2; exit 125; }; exec 9<&-`;
