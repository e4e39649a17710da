import type { Execution } from '../../sandbox/sandbox.js';
import { changeInstallations } from './installations.js';

/** Options with which an installation only accepts the versions of the lockfile. */
const strict = /\s--(?:frozen-lockfile|immutable|pure-lockfile|prefer-frozen-lockfile)(?=\s|$)/g;
const loose = /\s--(?:no-package-lock|package-lock=false|no-lockfile)(?=\s|$)/;

/**
 * Changes the installations in a shell command so that they choose versions without the lockfile.
 * @returns null if the command contains no installation that can do so
 */
export function withoutLockfile(command: string): string | null {
  return changeInstallations(command, ({ variables, words, rest }) => {
    if (loose.test(rest)) return null;
    const others = rest.replace(strict, '');
    const [program] = words.split(' ');
    if (program === 'npm') return `${variables}npm install --no-package-lock${others}`;
    if (program === 'pnpm') return `${variables}pnpm install --no-lockfile${others}`;
    // Yarn 2 and newer cannot do without a lockfile, and have no option `--frozen-lockfile`.
    if (program === 'yarn' && others !== rest && !/--immutable/.test(rest))
      return `${variables}yarn install --no-lockfile${others}`;
    return null;
  });
}

/**
 * Changes the installations in a shell command so that they accept a lockfile that does not fit package.json,
 * and choose only the other versions themselves.
 * @returns null if the command contains no installation that insists on the lockfile
 */
export function withLooseLockfile(command: string): string | null {
  return changeInstallations(command, ({ variables, words, rest }) => {
    if (/^npm (?:ci|clean-install)$/.test(words)) return `${variables}npm install${rest}`;
    const others = rest.replace(strict, '');
    if (others === rest) return null;
    if (words.startsWith('pnpm')) return `${variables}${words} --no-frozen-lockfile${others}`;
    return /--immutable/.test(rest)
      ? `${variables}yarn install --no-immutable${others}`
      : `${variables}${words}${others}`;
  });
}

const misfits = new RegExp(
  [
    'npm (?:error|ERR!) code EUSAGE[^]*package-lock\\.json',
    'ERR_PNPM_(?:OUTDATED_LOCKFILE|LOCKFILE_CONFIG_MISMATCH)',
    'Your lockfile needs to be updated',
    'lockfile had changes, but lockfile is frozen',
    'YN0028',
  ].join('|'),
);

/** Returns whether an installation failed because the lockfile does not fit package.json. */
export function failsForLockfile({ exitCode, output }: Pick<Execution, 'exitCode' | 'output'>): boolean {
  return exitCode !== 0 && misfits.test(output);
}

const lacking =
  /(?:404\s+(?:The requested resource )?'|No matching version found for )((?:@[\w.~-]+\/)?[\w.~-]+)@/;

/**
 * Changes the installations of npm in a shell command so that they leave out a direct dependency that the
 * registry lacks. The tests that do not need it can then run.
 * @param output the output of the failed command, which names the package
 * @returns null if the output names no package, or one that was left out already
 */
export function withoutPackage(command: string, output: string): string | null {
  const name = lacking.exec(output)?.[1];
  if (name === undefined || command.includes(`[${name}]`)) return null;
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
  const remove = `npm pkg delete ${kinds.map((kind) => `'${kind}[${name}]'`).join(' ')}`;
  return changeInstallations(command, ({ variables, words, rest }) =>
    words.startsWith('npm ') && loose.test(rest) ? `${remove} && ${variables}${words}${rest}` : null,
  );
}

const errors = new RegExp(
  [
    'npm (?:error|ERR!) code (?:E404|ETARGET)',
    'ERR_PNPM_(?:NO_MATCHING_VERSION|FETCH_404|TARBALL_404)',
    "Couldn't find any versions for",
    'https?://\\S+: Request failed "404 Not Found"',
  ].join('|'),
);

/** Returns whether an installation failed because the registry does not have a version that it asked for. */
export function failsForVersion({ exitCode, output }: Pick<Execution, 'exitCode' | 'output'>): boolean {
  return exitCode !== 0 && errors.test(output);
}
