import type { Execution } from '../../sandbox/sandbox.js';

/** Matches an installation at the beginning of a command in a script, and the rest of this command. */
const installation =
  /(?<before>^|&&|\|\||[;\n({])(?<space>\s*)(?<variables>(?:[A-Za-z_]\w*=\S*\s+)*)(?<words>npm (?:ci|i|install|clean-install)|pnpm (?:install|i)|yarn(?: install)?|bun (?:install|i)|composer install)(?=$|[\s;&|)}])(?<rest>[^;&|\n)}]*)/g;

/**
 * Changes the installations in a shell command so that they run no scripts of packages.
 * @returns null if the command contains no installation of a known package manager, or already runs none
 */
export function withoutScripts(command: string): string | null {
  const changed = command.replace(installation, (whole: string, ...found: unknown[]) => {
    const groups = found.at(-1) as Record<'before' | 'space' | 'variables' | 'words' | 'rest', string>;
    const { before, space, variables, words, rest } = groups;
    const isOther = /(?:^|\s)(?:--global|-g|--location=global|--ignore-scripts|--mode[= ]skip-build)(?=\s|$)/;
    // `yarn build` is a script of the repository.
    if (isOther.test(rest) || (words === 'yarn' && /^\s*[^\s-]/.test(rest))) return whole;
    const start = `${before}${space}${variables}`;
    if (words.startsWith('composer')) return `${start}${words} --no-scripts${rest}`;
    if (!words.startsWith('yarn')) return `${start}${words} --ignore-scripts${rest}`;
    // Yarn 2 and newer read the variable, and Yarn 1 has an option.
    const isOld = /--(?:frozen-lockfile|no-lockfile|pure-lockfile)/.test(rest);
    const option = isOld ? ' --ignore-scripts' : '';
    return `${start}YARN_ENABLE_SCRIPTS=false npm_config_ignore_scripts=true ${words}${option}${rest}`;
  });
  return changed === command ? null : changed;
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
