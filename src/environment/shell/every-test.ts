/** Options that choose packages or projects, with a value of which a part is not known. */
const unknownChoice =
  /\s(?:--(?:filter|project|projects|scope|workspace)[= ]|-[Fw] )(["']?)[^\s"']*\u0000[^\s"']*\1(?=\s|$)/g;
/** Options that choose the packages or the tests that a change touches. */
const changes = [
  /\s(?:--filter[= ]|-F )(["']?)[^\s"']*\[[^\s"']*\][^\s"']*\1(?=\s|$)/g,
  /\s--(?:since|changed-?since|changed)(?:=\S*|\s+(?!-)[^\s&|;]+)?(?=\s|$)/gi,
  /\s--(?:only-?changed|affected)(?=\s|$)/gi,
];

/**
 * Lets a command of CI run for all packages and tests. CI often runs only the tests of the packages that a
 * change touches, and only GitHub knows which ones these are.
 * @param command a command in which a NUL character stands for each unknown value
 */
export function chooseEveryTest(command: string): string {
  if (!/^(?:\S+=\S*\s+)*(?:npx|pnpm|npm|yarn|bun|bunx|nx|turbo|lerna|jest|vitest|make)\b/.test(command))
    return command;
  const every = [unknownChoice, ...changes].reduce((text, option) => text.replace(option, ''), command);
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
