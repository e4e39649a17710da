import type { Execution } from '../../sandbox/sandbox.js';
import { changeInstallations } from './installations.js';

/**
 * Changes the installations in a shell command so that they run no scripts of packages.
 * @returns null if the command contains no installation of a known package manager, or already runs none
 */
export function withoutScripts(command: string): string | null {
  return changeInstallations(command, ({ variables, words, rest }) => {
    if (/(?:^|\s)(?:--ignore-scripts|--mode[= ]skip-build)(?=\s|$)/.test(rest)) return null;
    if (words.startsWith('composer')) return `${variables}${words} --no-scripts${rest}`;
    if (!words.startsWith('yarn')) return `${variables}${words} --ignore-scripts${rest}`;
    // Yarn 2 and newer read the variable, and Yarn 1 has an option.
    const isOld = /--(?:frozen-lockfile|no-lockfile|pure-lockfile)/.test(rest);
    const option = isOld ? ' --ignore-scripts' : '';
    return `${variables}YARN_ENABLE_SCRIPTS=false npm_config_ignore_scripts=true ${words}${option}${rest}`;
  });
}

const networkErrors = new RegExp(
  [
    'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|getaddrinfo',
    'could not resolve host|temporary failure in name resolution|name or service not known',
    'network is unreachable|socket hang up|tunneling socket could not be established',
    'this host is not allowed|proxy connect aborted|response 403 from proxy',
  ].join('|'),
  'i',
);

/** Returns whether a command failed and its output or the proxy says that it could not reach a host. */
export function failsForNetwork({
  exitCode,
  output,
  refusedHosts,
}: Pick<Execution, 'exitCode' | 'output' | 'refusedHosts'>): boolean {
  return exitCode !== 0 && (refusedHosts.length > 0 || networkErrors.test(output));
}
