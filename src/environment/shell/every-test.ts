/** Options that choose packages or projects. */
const choice = /\s(?:--(?:filter|project|projects|scope|workspace)[= ]|-[Fw] )(\S+)/g;
/** Options that choose the packages or the tests that a change touches. */
const changes = [
  /\s--(?:since|changed-?since|changed)(?:=\S*|\s+(?!-)[^\s&|;]+)?(?=\s|$)/gi,
  /\s--(?:only-?changed|affected)(?=\s|$)/gi,
];
const programs = /^(?:[A-Za-z_]\w*=\S*\s+)*(?:npx|pnpm|npm|yarn|bun|bunx|nx|turbo|lerna|jest|vitest|make)\b/;

/**
 * Lets a command of CI run for all packages and tests. CI often runs only the tests of the packages that a
 * change touches, and only GitHub knows which ones these are.
 * @param command a command in which a NUL character stands for each unknown value
 */
export function chooseEveryTest(command: string): string {
  if (!programs.test(command)) return command;
  // A value of which a part is not known, or which compares commits, such as `...[origin/main]`.
  const isForChange = (value: string) => value.includes('\u0000') || /\[.*\]/.test(value);
  const wide = command.replace(choice, (option, value: string) => (isForChange(value) ? '' : option));
  const every = changes.reduce((text, option) => text.replace(option, ''), wide);
  return chooseTargets(every === command ? command : callEveryPackage(every, command));
}

/** `pnpm --filter … test` runs the script of packages, and `pnpm test` that of the root. */
function callEveryPackage(every: string, command: string): string {
  const [, manager, rest = ''] = /^(pnpm|npm)\s+(.*)$/s.exec(every) ?? [];
  const isScript = /^(?:run\b|test\b|t\b|(?!install\b|i\b|exec\b|dlx\b)[\w:.-]+$)/.test(rest);
  if (manager === 'pnpm' && isScript && /^pnpm\s+(?:--filter|-F)/.test(command))
    return `pnpm --recursive ${rest}`;
  if (manager === 'npm' && isScript && /\s(?:--workspace|-w)[= ]/.test(command))
    return `npm --workspaces --if-present ${rest}`;
  return every;
}

/** `nx affected -t lint,test` becomes `nx run-many -t test`. */
function chooseTargets(command: string): string {
  const many = command
    .replace(/\bnx affected:([\w-]+)/, 'nx run-many --target=$1')
    .replace(/\bnx affected\b/, 'nx run-many');
  if (many === command) return command;
  return many
    .replace(/\s--(?:base|head)(?:=\S+|\s+(?!-)\S+)/g, '')
    .replace(/(\s(?:-t|--targets?)[= ])([\w:-]+(?:,[\w:-]+)+)/, (option, name: string, list: string) => {
      const tests = list.split(',').filter((target) => /test|e2e|spec/.test(target));
      return tests.length > 0 ? `${name}${tests.join(',')}` : option;
    });
}
