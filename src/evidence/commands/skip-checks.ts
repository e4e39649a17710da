import { isTestCommand } from '../../environment/is-test-command.js';
import { findRunner } from './find-runner.js';

type Scripts = Readonly<Record<string, string>>;

interface Part {
  command: string;
  isCheck: boolean;
}

/** Names of scripts that check the code without running it. */
const checkName =
  /^(?:lint|eslint|standard|format|fmt|prettier|style|check|checks|type-?check|types|tsc|tsd|typescript|audit|knip|depcheck|spell\w*|docs?|licenses?)(?:[:.-]|$)/;
/** Programs that check the code without running it. */
const checkProgram =
  /^(?:npx\s+|pnpm\s+exec\s+)?(?:eslint|standard|semistandard|xo|prettier|biome|oxlint|tslint|stylelint|tsd|knip|depcheck|publint|attw|installed-check|type-coverage|markdownlint\S*|cspell|jshint|jscs|npm\s+audit|(?:vue-)?tsc\b.*--noEmit)(?:\s|$)/;
/** Commands for containers. Their servers run beside the tests anyway, if they are known. */
const container =
  /^(?:sudo\s+)?(?:docker|podman)(?:[- ]compose)?\s(?:run\s(?:.*\s)?(?:-d|--detach)\s|(?!.*\b(?:run|exec)\s)(?:.*\s)?(?:up|down|start|stop|restart|pull|rm|kill|ps|logs|volume|network)(?:\s|$))/;
/** Programs that no package contains. */
const ofMachine =
  /^(?:node|npm|npx|pnpm|yarn|bun|bunx|make|bash|sh|rm|cp|mv|cd|mkdir|touch|echo|printf|exit|true|false|export|source|docker|docker-compose|python\d?|php|composer|go|cargo|ruby|bundle|mvn|dotnet|psql|createdb|dropdb|mysql|mongosh|redis-cli|sqlite3|curl|git|sleep|test|[\w.-]*\/\S*)$/;
const withProgram: Readonly<Record<string, string>> = {
  pnpm: 'pnpm exec',
  yarn: 'yarn run',
  bun: 'bun x',
};
const maxDepth = 4;
/** Each level of scripts can call all scripts, so the number of calls is limited, too. */
const maxCalls = 500;
const maxStars = 4;

/** What a script's steps say about its tests. Each command runs the tests in another way. */
export interface OtherWays {
  /** Runs the tests without the checks beside them, such as a linter, and without commands for containers. */
  withoutChecks?: string;
  /** Test programs of the script that report no single tests, as the script calls them. */
  unreported?: string[];
  /**
   * Does the same, and runs the tests even if other steps before them fail, such as a code generator. The
   * exit code is then that of such a step.
   */
  despiteSteps?: string;
}

/**
 * Finds other ways to run the tests of a script. If a check or another step fails, the script ends before its
 * tests.
 * @param manager the name of the package manager
 * @param name the name of the script
 * @returns {} if the script has no such steps, or this code cannot tell them apart
 */
export function findOtherWays(manager: string, scripts: Scripts, name: string): OtherWays {
  const before = scripts[`pre${name}`] ?? '';
  const calls = { left: maxCalls };
  const parts = [...split(before, scripts, 0, calls), ...split(scripts[name] ?? '', scripts, 0, calls)];
  const kept = parts.filter(({ isCheck }) => !isCheck).map(({ command }) => command);
  const first = kept.findIndex((command) => runsTests(command, scripts));
  if (first < 0) return {};
  const commands = kept.map((command) => complete(command, manager));
  const unreported = kept.filter((command) => !runsTests(command, scripts) && isTest(command, scripts));
  const steps = commands.slice(0, first);
  // A shell's own commands change the shell, and cannot be in parentheses.
  const isPlain = steps.every((step) => !/^(?:cd|export|source|\.|set|exit)\s/.test(step));
  // The exit code still says that a step failed, because the tests then measured what earlier commands built.
  const lenient = [
    'failed=0',
    ...steps.map((step) => `(${step}) || failed=$?`),
    `${commands.slice(first).join(' && ')} && exit $failed`,
  ];
  return {
    ...(kept.length < parts.length && { withoutChecks: commands.join(' && ') }),
    ...(unreported.length > 0 && { unreported }),
    ...(steps.length > 0 && isPlain && { despiteSteps: lenient.join('; ') }),
  };
}

/** Programs that run the tests of many packages. */
const taskRunner = /(?:^|\s)(?:lerna|turbo|nx)\s.*(?:test|unit|integration)/;

function runsTests(command: string, scripts: Scripts): boolean {
  if (taskRunner.test(command)) return true;
  return findRunner(command, scripts).runner !== 'command';
}

/** Returns whether a command starts a test program, also one whose results Pullwright cannot read. */
function isTest(command: string, scripts: Scripts): boolean {
  const called = namesOf(command, Object.keys(scripts)) ?? [];
  return [command, ...called.flatMap((name) => scripts[name]?.split('&&') ?? [])].some(isTestCommand);
}

/** Splits a script into commands that run one after the other. Looks into the scripts that it calls. */
function split(script: string, scripts: Scripts, depth: number, calls: { left: number }): Part[] {
  // In other scripts, the exit code of a command decides what runs next.
  const commands = /\|\||[;|`\n]|\$\(|(?:^|[^&])&(?:[^&]|$)/.test(script) ? [script] : script.split('&&');
  return commands
    .map((command) => command.trim())
    .filter(Boolean)
    .flatMap((command) => {
      const names = namesOf(command, Object.keys(scripts));
      const isKnown = names !== null && names.length > 0 && names.every((one) => scripts[one] !== undefined);
      if (!isKnown) return [{ command, isCheck: checkProgram.test(command) || container.test(command) }];
      return names.flatMap((name) => splitCalled(name, scripts, depth, calls));
    });
}

function splitCalled(name: string, scripts: Scripts, depth: number, calls: { left: number }): Part[] {
  const command = `npm run ${name}`;
  calls.left -= 1;
  if (calls.left < 0) return [{ command, isCheck: false }];
  const isTest = runsTests(command, scripts);
  if (checkName.test(name) && !isTest) return [{ command, isCheck: true }];
  const inner = depth < maxDepth ? split(scripts[name] ?? '', scripts, depth + 1, calls) : [];
  const done = inner.filter((part) => !/^cd\s/.test(part.command));
  if (done.length > 0 && done.every(({ isCheck }) => isCheck)) return [{ command, isCheck: true }];
  return isTest && inner.some(({ isCheck }) => isCheck) ? inner : [{ command, isCheck: false }];
}

/** Returns the scripts that a command calls and no more than calls; null for another command. */
function namesOf(command: string, all: readonly string[]): string[] | null {
  const called =
    /^(?:npm|pnpm|yarn|bun)\s+(?:(?:-s|--silent)\s+)?(?:(?:run(?:-script)?\s+)(?:(?:-s|--silent)\s+)?([\w:.-]+)|(test))$/.exec(
      command,
    );
  if (called) return [called[1] ?? called[2] ?? ''];
  const [program = '', ...words] = command.split(/\s+/);
  if (!/^(?:run-s|run-p|npm-run-all2?)$/.test(program)) return null;
  const names = words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/^["']|["']$/g, ''));
  return names.flatMap((name) => (name.includes('*') ? all.filter((one) => matches(one, name)) : [name]));
}

/** `test:*` matches `test:unit`; `test:**` also matches `test:unit:fast`. */
function matches(name: string, pattern: string): boolean {
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) =>
      part === '**' ? '.+' : part === '*' ? '[^:]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  // A pattern of many stars could take minutes.
  if (pattern.split('*').length > maxStars) return false;
  return new RegExp(`^${source}$`).test(name);
}

/** Makes a command of a script one that runs outside of the script. */
function complete(command: string, manager: string): string {
  const [, variables = '', program = ''] = /^((?:\w+=\S*\s+)*)(\S+)/.exec(command) ?? [];
  if (program === 'npm') return command.replace(/^npm/, manager);
  if (ofMachine.test(program)) return command;
  return `${variables}${withProgram[manager] ?? 'npx --no-install'} ${command.slice(variables.length)}`;
}
