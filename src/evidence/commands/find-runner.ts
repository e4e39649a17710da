import { command as anyCommand } from '../runners/command.js';
import type { Runner } from '../runners/runner.js';
import { runners } from '../runners/runners.js';

type Scripts = Readonly<Record<string, string>>;

/**
 * Finds the test runner that a command starts, directly or through scripts of a package.json. If a command
 * starts several test runners, this function returns the first one. Pullwright still reads the reports of the
 * others.
 */
export function findRunner(command: string, scripts: Scripts): { runner: string; takesArguments: boolean } {
  const node = findNodeRunner(command, scripts);
  if (node) return { runner: node.name, takesArguments: false };
  const runner = runners.find(
    ({ report, startedBy }) => report?.through !== 'node' && startedBy?.test(command),
  );
  const isComposite = /[|;&\n]/.test(command);
  // An argument at the end of a composite command can reach the wrong program. For such a command, Pullwright
  // therefore relies on environment variables, which reach every program.
  if (!runner || (isComposite && runner.report?.through === 'command'))
    return { runner: anyCommand.name, takesArguments: false };
  return { runner: runner.name, takesArguments: !isComposite };
}

/** @param seen the scripts that were read already. Scripts can call each other endlessly. */
function findNodeRunner(command: string, scripts: Scripts, seen = new Set<string>()): Runner | null {
  for (const part of command.split(/&&|\|\||[;|]/)) {
    const call = part.trim().replace(variables, '');
    const runner = runners.find(
      ({ report, startedBy }) => report?.through === 'node' && startedBy?.test(call),
    );
    if (runner) return runner;
    const name = callsScript.exec(call)?.[1];
    const script = name && scripts[name === 't' ? 'test' : name];
    if (!script || seen.has(script)) continue;
    seen.add(script);
    const inner = findNodeRunner(script, scripts, seen);
    if (inner) return inner;
  }
  return null;
}

/** The variables before a program. */
const variables = /^(?:(?:npx\s+)?cross-env(?:-shell)?\s+)?(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*\s+)+/;

/** A call of a script, perhaps by a program that only measures it. `bun test` starts Bun itself. */
const callsScript =
  /^(?:(?:npx|nyc|c8|cross-env|env|dotenv|-\S*|\w+=\S*)\s+)*(?!bun\s+test\b)(?:npm|pnpm|yarn|bun)\s+(?:(?:-s|--silent|-r|--if-present)\s+)*(?:run(?:-script)?\s+)?(?:(?:-s|--silent)\s+)*([\w:.-]+)/;
