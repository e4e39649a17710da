/** A call of npm, pnpm, yarn or bun. */
export interface PackageCall {
  manager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** `script` runs a script of the package.json, `program` runs an installed program. */
  does: 'install' | 'script' | 'program' | 'other';
  /** The name of the script, or the words of the program. */
  words: string[];
  /** The folder of the package, relative to the folder of the command; null if an option chooses packages. */
  folder: string | null;
}

const folderOptions = ['--prefix', '-C', '--dir', '--cwd'];
const packageOptions = ['-w', '--workspace', '--filter', '-F', '--scope', '--from'];
const everyPackage = ['-r', '--recursive', '-ws', '--workspaces', '--parallel'];
const otherOptions = [
  '--loglevel',
  '--registry',
  '--reporter',
  '--workspace-concurrency',
  '--network-timeout',
];

const npmInstalls =
  /^(?:ci|clean-install|install|i|add|install-test|rebuild|link|update|up|uninstall|remove|fetch|import|install-clean|prune|dedupe|setup|env)$/;

/** @returns null if the command is no call of these package managers */
export function readPackageCall(words: readonly string[]): PackageCall | null {
  const [program = '', ...all] = words;
  const manager = /^(npm|pnpm|yarn|yarnpkg|bun)$/.exec(program)?.[1]?.replace('yarnpkg', 'yarn');
  if (!manager) return null;
  const call = { manager: manager as PackageCall['manager'], folder: '' as string | null };
  if (/^(?:-v|--version)$/.test(all[0] ?? ''))
    return { manager: call.manager, does: 'other', words: [], folder: '' };
  const rest = skipOptions(all, call);
  return { ...readAction(call.manager, rest, call), folder: call.folder, manager: call.manager };
}

const folderChoices = [
  // npm reads its options everywhere, the others only before the name of the script.
  /^(npm\b(?:(?!\s--\s)[^|;&<>\n])*?)\s(?:--prefix|-C)[= ](["']?)([\w@.][\w@./-]*)\2(?=\s|$)/,
  /^((?:pnpm|yarn|yarnpkg|bun)(?:\s+-\S+)*?)\s+(?:-C|--dir|--cwd)[= ](["']?)([\w@.][\w@./-]*)\2(?=\s|$)/,
  /^(make)\s+-C\s*(["']?)([\w@.][\w@./-]*)\2(?=\s|$)/,
];

/**
 * Removes the option that chooses another folder, as in `npm --prefix api test` and `make -C api test`.
 * @returns null if the command has no such option
 */
export function moveIntoFolder(command: string): { command: string; folder: string } | null {
  for (const choice of folderChoices) {
    const [option, before = '', , folder = ''] = choice.exec(command) ?? [];
    if (option !== undefined && !/\s(?:-g|--global)\b/.test(command))
      return { command: `${before}${command.slice(option.length)}`, folder };
  }
  return null;
}

/** Removes the options before the next word, and notes the folder that they choose. */
function skipOptions(words: readonly string[], call: { folder: string | null }): string[] {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '--') break;
    const [name = '', value] = word.split(/=(.*)/s);
    if (everyPackage.includes(word)) call.folder = null;
    else if (packageOptions.includes(name)) call.folder = null;
    else if (folderOptions.includes(name)) call.folder = value ?? words[at + 1] ?? '';
    const takesNext = [...packageOptions, ...folderOptions, ...otherOptions].includes(name);
    if (takesNext && value === undefined) at += 1;
  }
  return words.slice(at);
}

function readAction(
  manager: PackageCall['manager'],
  words: readonly string[],
  call: { folder: string | null },
): Pick<PackageCall, 'does' | 'words'> {
  const [action = '', ...more] = words;
  if (action === '') return { does: manager === 'yarn' ? 'install' : 'other', words: [] };
  if (manager === 'yarn' && (action === 'workspace' || action === 'workspaces')) {
    call.folder = null;
    const rest = action === 'workspace' ? more.slice(1) : skipForeach(more);
    if (rest.length === 0 || rest[0] === 'focus') return { does: 'install', words: [] };
    return readAction(manager, rest, call);
  }
  if (/^(?:run|run-script|rum|urn)$/.test(action)) return { does: 'script', words: skipOptions(more, call) };
  if (action === 'test' && manager === 'bun') return { does: 'program', words: ['bun', 'test'] };
  if (/^(?:test|t|tst)$/.test(action)) {
    skipOptions(more, call);
    return { does: 'script', words: ['test', ...more] };
  }
  if (/^(?:start|stop|restart)$/.test(action)) return { does: 'script', words: [action] };
  if (action === 'exec' || action === 'dlx' || action === 'x')
    return { does: 'program', words: skipOptions(more, call).filter((word) => word !== '--') };
  if (npmInstalls.test(action)) {
    skipOptions(more, call);
    return { does: 'install', words: more };
  }
  if (manager === 'npm') return { does: 'other', words: [] };
  const isOwnCommand =
    /^(?:publish|version|audit|outdated|pack|config|cache|store|login|set|why|list|ls|licenses?|global|node|plugin|policies|npm|info|create|init|dedupe|help|unplug|patch\S*|deploy|root|bin|pm|approve-builds|ignored-builds|self-update|doctor|server|completion)$/;
  if (isOwnCommand.test(action)) return { does: 'other', words: [] };
  // yarn, pnpm and bun run a script, or else a program, without `run`.
  return { does: 'script', words: [action, ...more] };
}

function skipForeach(words: readonly string[]): string[] {
  if (words[0] !== 'foreach') return [...words];
  const withValue = ['--include', '--exclude', '--from', '-j', '--jobs', '--since'];
  let at = 1;
  while (words[at]?.startsWith('-')) at += withValue.includes(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
}
