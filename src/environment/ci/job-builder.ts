import type { CiTest, Service, Toolchain } from '../environment.js';
import type { CommandKind } from '../shell/program-kinds.js';
import { quoteWord } from '../shell/split-script.js';
import type { Scope } from './scope.js';

/** A command, with the variables that only its own step has. */
export interface OwnCommand extends CiTest {
  own: Record<string, string>;
  kind: CommandKind | 'background' | 'wait';
  /** Whether the job succeeds even if the command fails. */
  isOptional: boolean;
}

/** What is known of a job while its steps are read. */
export interface JobBuilder {
  source: string;
  /** For people, such as `the job unit of .github/workflows/ci.yml`. */
  label: string;
  scope: Scope;
  services: Service[];
  toolchains: Map<Toolchain['name'], Toolchain>;
  packageManager: string | null;
  installs: OwnCommand[];
  /** Commands since the last test, which prepare only if another test follows. */
  pending: OwnCommand[];
  /** Programs that run beside the tests, and commands that wait for them. */
  beside: OwnCommand[];
  /** Steps since the last test that could not be understood. They matter only if another test follows. */
  pendingUnclear: string[];
  preparation: OwnCommand[];
  tests: OwnCommand[];
  systemPackages: Set<string>;
  unclear: Set<string>;
  /** Toolchains whose versions only GitHub knows. */
  unknownVersions: Set<Toolchain['name']>;
  /** Names of variables of the tests whose values only GitHub knows. */
  unknownVariables: Set<string>;
  /** The folder into which the repository is checked out, for example `repo`; '' for the usual one. */
  checkoutFolder: string;
}

/** What one combination of a job says about the environment of its tests. */
export interface JobReading {
  source: string;
  label: string;
  isLinux: boolean;
  services: Service[];
  variables: Record<string, string>;
  toolchains: Toolchain[];
  packageManager: string | null;
  installs: CiTest[];
  /** The commands before the last test. Without tests, all commands that may prepare something. */
  preparation: CiTest[];
  tests: CiTest[];
  /** Whether its tests run in a browser, all of them or those after which it is named. */
  isInBrowser: boolean;
  systemPackages: string[];
  /** Names of variables whose values are secrets. */
  secrets: string[];
  /** Names of variables whose values only GitHub knows. */
  unknown: string[];
  unclear: string[];
}

/** Ends the reading of a job: decides which variables hold for every command. */
export function finishJob(builder: JobBuilder, isLinux: boolean): JobReading {
  const { scope, source, label } = builder;
  const required = builder.tests.filter(({ isOptional }) => !isOptional);
  const counted = required.length > 0 ? required : builder.tests;
  const ofKind = (...kinds: OwnCommand['kind'][]) => counted.filter(({ kind }) => kinds.includes(kind));
  const tests = [ofKind('test'), ofKind('coverage'), counted].find((some) => some.length > 0) ?? [];
  for (const { command } of builder.tests.filter((one) => !counted.includes(one)))
    builder.unclear.add(
      `${source}: \`${command.split('\n')[0]?.slice(0, 80)}\` was left out, because CI ignores its result.`,
    );
  for (const name of builder.unknownVersions)
    if (!builder.toolchains.has(name))
      builder.unclear.add(`${source}: the version of ${name} depends on a value that only GitHub knows.`);
  const variables = { ...scope.variables.values };
  const disputed = findDisputed(tests, variables);
  for (const { own } of tests)
    for (const [name, value] of Object.entries(own)) if (!disputed.has(name)) variables[name] = value;
  const finish = (commands: readonly OwnCommand[], prefix: typeof exportVariables) =>
    unique(
      commands.map((one) => ({
        command: prefix(remaining(one.own, variables), one.command),
        folder: one.folder,
        source: one.source,
      })),
    );
  return {
    source,
    label,
    isLinux,
    services: builder.services,
    variables,
    toolchains: [...builder.toolchains.values()],
    packageManager: builder.packageManager,
    installs: finish(builder.installs, exportVariables),
    preparation: finish(tests.length > 0 ? builder.preparation : builder.pending, exportVariables),
    tests: finish(tests, assignVariables),
    isInBrowser:
      tests.every(({ kind }) => kind === 'browser-test') ||
      (ofKind('browser-test').length > 0 && /\b(?:e2e|end-to-end|ui)\b/i.test(label)),
    systemPackages: [...builder.systemPackages],
    secrets: [...scope.variables.secrets],
    unknown: [...builder.unknownVariables],
    unclear: [...builder.unclear],
  };
}

/** Names for which two test steps have different values. They cannot hold for every command. */
function findDisputed(
  tests: readonly OwnCommand[],
  variables: Readonly<Record<string, string>>,
): Set<string> {
  const disputed = new Set<string>();
  const seen = new Map(tests.length > 1 ? Object.entries(variables) : []);
  for (const { own } of tests)
    for (const [name, value] of Object.entries(own)) {
      if (seen.has(name) && seen.get(name) !== value) disputed.add(name);
      seen.set(name, value);
    }
  return disputed;
}

/** The variables that do not hold for every command anyway. */
export function remaining(
  own: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
) {
  return Object.entries(own).filter(([name, value]) => variables[name] !== value);
}

export function exportVariables(variables: [string, string][], command: string): string {
  const words = variables.map(([name, value]) => `${name}=${quoteWord(value)}`);
  return words.length > 0 ? `export ${words.join(' ')}\n${command}` : command;
}

/** Removes the variables of `exportVariables` if all of them have these values anyway. */
export function withoutExports(command: string, variables: Readonly<Record<string, string>>): string {
  const line = /^export ([^\n]*)\n/.exec(command);
  if (!line) return command;
  const known = Object.entries(variables).map(([name, value]) => `${name}=${quoteWord(value)}`);
  const left = known.reduce((words, word) => words.replace(`${word} `, ''), `${line[1]} `);
  return left === '' ? command.slice(line[0].length) : command;
}

/** A plain command keeps its first word visible, so that its runner is recognized. */
export function assignVariables(variables: [string, string][], command: string): string {
  if (/\n|^\(/.test(command)) return exportVariables(variables, command);
  return [...variables.map(([name, value]) => `${name}=${quoteWord(value)}`), command].join(' ');
}

export function unique(commands: readonly CiTest[]): CiTest[] {
  const seen = new Map(
    commands.map((one) => [`${one.folder}\n${one.command}`, one]).reverse() as [string, CiTest][],
  );
  return [...seen.values()].reverse();
}
