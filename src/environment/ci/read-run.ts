import type { Service, Toolchain } from '../environment.js';
import { type Files, joinInside } from '../open-files.js';
import { readServerPackages, readServiceCommand } from '../services/find-service-commands.js';
import { type Classified, classifyCommand } from '../shell/classify-command.js';
import { cleanTest, removeOptions } from '../shell/clean-test.js';
import { chooseEveryTest } from '../shell/every-test.js';
import { moveIntoFolder } from '../shell/package-call.js';
import { readSubshell, splitScript, splitWords } from '../shell/split-script.js';
import { stripPrefixes } from '../shell/strip-prefixes.js';
import { unknownMark } from './expressions.js';
import { describeBuilt, startsProgram, waits } from './run-beside.js';
import { secretMark } from './scope.js';
import { readVersionCommand } from './setup-actions.js';
import {
  noteAssignment,
  readWrittenVariables,
  type ShellState,
  type WrittenVariable,
} from './shell-values.js';

/** What one command of a `run` step means for the environment. */
export type RunAction =
  | { kind: 'test' | 'browser-test' | 'coverage' | 'prepare' | 'install'; command: string; folder: string }
  /** A program that later steps may talk to, and a command that waits for it. */
  | { kind: 'background' | 'wait'; command: string; folder: string }
  | WrittenVariable
  | { kind: 'services'; services: Service[] }
  | { kind: 'toolchain'; name: Toolchain['name']; version: string }
  | { kind: 'system'; packages: string[] }
  /** Something that was read only in part. */
  | { kind: 'note'; sentence: string }
  /** Something that was not read. */
  | { kind: 'unclear'; reason: string };

export interface RunPlace {
  folder: string;
  source: string;
  variables: Readonly<Record<string, string>>;
  /** Whether the name of the step says that it tests. */
  isTest?: boolean;
}

const maxCommands = 100;
const maxDepth = 3;
const maxCharacters = 10_000;

/** Reads the script of a step whose expressions were replaced. */
export async function readRun(
  script: string,
  place: RunPlace,
  files: Files,
  depth = 0,
): Promise<RunAction[]> {
  const actions: RunAction[] = [];
  if (!files.spend(script.length / 1000)) return actions;
  let folder = place.folder;
  let previous = folder;
  const { variables } = place;
  const assigned: ShellState['assigned'] = new Map();
  const commands = splitScript(script).slice(0, maxCommands);
  for (const [index, command] of commands.entries()) {
    if (command.length > maxCharacters) {
      actions.push({ kind: 'unclear', reason: `a command is longer than ${maxCharacters} characters` });
      continue;
    }
    if (command === 'cd -') {
      [folder, previous] = [previous, folder];
      continue;
    }
    const moved = /^(?:cd|pushd)\s+(\S+)$/.exec(command)?.[1];
    if (moved) {
      const next = joinInside(
        moved.startsWith('/workspace') ? '' : folder,
        moved.replace(/^["']|["']$/g, '').replace(/^\/workspace/, '.'),
      );
      if (next === null || /[$~`]|^\/(?!workspace)/.test(moved)) {
        actions.push({ kind: 'unclear', reason: `the folder of \`cd ${moved}\` is not known` });
        return actions;
      }
      [folder, previous] = [next, folder];
      continue;
    }
    if (command === 'popd') folder = place.folder;
    const shell = { folder, variables, assigned };
    noteAssignment(command, shell);
    const written = readWrittenVariables(command, shell);
    if (written) {
      actions.push(...written);
      continue;
    }
    if (startsProgram(command) && depth < maxDepth) {
      const beside = { command, rest: commands.slice(index + 1) };
      return [...actions, ...(await readBeside(beside, { ...place, folder }, files, depth))];
    }
    const inner = depth < maxDepth ? readSubshell(command) : null;
    actions.push(
      ...(inner === null
        ? await readPlain(command, { ...place, folder }, files, depth)
        : await readRun(inner, { ...place, folder }, files, depth + 1)),
    );
  }
  return actions;
}

/** Tests of a whole application talk to the program that runs beside them, so one command starts both. */
async function readBeside(
  { command, rest }: { command: string; rest: readonly string[] },
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[]> {
  const later = await readRun(rest.join('\n'), place, files, depth + 1);
  const test =
    later.find(({ kind }) => kind === 'test' || kind === 'browser-test' || kind === 'coverage') ??
    (place.isTest ? later.findLast(({ kind }) => kind === 'prepare') : undefined);
  const kind = test?.kind === 'browser-test' ? test.kind : 'test';
  const lines = rest.filter((line) => !/^exit\b/.test(line)).map(cleanTest);
  const isShort = lines.every((line) => !line.includes('\n'));
  const script = isShort ? `(${command} ${lines.join(' && ')})` : ['set -e', command, ...lines].join('\n');
  const isWhole = !script.includes(unknownMark) && !script.includes(secretMark);
  const installs = later.some(({ kind }) => kind === 'install' || kind === 'system');
  const start = () => readPlain(command, place, files, depth);
  if (test === undefined || installs || !isWhole) return [...(await start()), ...later];
  // CI itself takes no notice of the result.
  if (rest.includes('exit 0')) return [...(await start()), ...later.filter((one) => !('command' in one))];
  const others = later.filter(({ kind }) => /^(?:variable|services|toolchain|note)$/.test(kind));
  return [...others, { kind, command: script, folder: place.folder }];
}

/**
 * Reads a command that runs only the tests of a change as one that runs all, and `npm --prefix api test` as
 * `npm test` in the folder `api`.
 */
async function readPlain(
  command: string,
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[]> {
  const every = chooseEveryTest(command);
  const moved = moveIntoFolder(every);
  const folder = moved && joinInside(place.folder, moved.folder);
  return moved && folder !== null
    ? readCommand(moved.command, { ...place, folder }, files, depth)
    : readCommand(every, place, files, depth);
}

async function readCommand(
  command: string,
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[]> {
  const toolchain = readVersionCommand(command);
  if (toolchain) return [{ kind: 'toolchain', ...toolchain }];
  if (/GITHUB_(?:ENV|OUTPUT|PATH|STEP_SUMMARY|STATE)/.test(command)) return [];
  const isPrint = /^(?:echo|printf|cat|jq|yq|envsubst|sort|head|tail)\b/.test(command);
  if (isPrint && !/>>?\s*(?!\/dev\/|&)["']?[\w./$-]/.test(command)) return [];
  const classified = isPrint
    ? { kind: 'prepare' as const, script: null }
    : await classifyCommand(command, place.folder, files);
  const replaced = await replaceMissing(classified, place, files, depth);
  if (replaced) return replaced;
  return describe(command, classified, place, files, depth);
}

/**
 * Reads a call of a test script that the package.json lacks as `npm test`, which people would run instead.
 * @returns null for any other command
 */
async function replaceMissing(
  { kind, lacks }: Classified,
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[] | null> {
  if (!lacks || !/test/.test(kind)) return null;
  const usual = await classifyCommand('npm test', place.folder, files);
  if (usual.kind !== 'test' || usual.script === null) return null;
  const sentence = `\`npm test\` runs in place of \`npm run ${lacks}\`, because the package.json lacks this script`;
  return [{ kind: 'note', sentence }, ...(await describe('npm test', usual, place, files, depth))];
}

async function describe(
  command: string,
  { kind, script }: Classified,
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[]> {
  const isUnknown = removeOptions(command).includes(unknownMark);
  const short =
    command.replaceAll(unknownMark, '…').replaceAll(secretMark, '…').split('\n')[0]?.slice(0, 80) ?? '';
  // The words `docker compose run app npm test` say nothing of tests, but their end does.
  const isContainer = /^(?:sudo\s+)?(?:docker|podman)[- ]compose\b.*\s(?:run|exec)\s/.test(command);
  if (kind === 'services' || isContainer) {
    return describeServices(
      command,
      { isServer: kind === 'services', isUnknown, short, script },
      place,
      files,
      depth,
    );
  }
  const isWhole = !isUnknown && !command.includes(secretMark);
  if (startsProgram(command))
    return isWhole
      ? [{ kind: 'background', command, folder: place.folder }]
      : [{ kind: 'unclear', reason: `\`${short}\` starts a program, and a value in it is not known` }];
  if (kind === 'other' && waits(command) && isWhole) return [{ kind: 'wait', command, folder: place.folder }];
  if (kind === 'other') return [];
  if (kind === 'system') {
    const { services, others } = readServerPackages(listPackages(command), place.source);
    const found: RunAction[] = services.length > 0 ? [{ kind: 'services', services }] : [];
    return others.length > 0 ? [...found, { kind, packages: others }] : found;
  }
  const needsSecret = command.includes(secretMark);
  if (needsSecret && kind === 'prepare') return [{ kind: 'unclear', reason: `\`${short}\` needs a secret` }];
  if (isUnknown) return [{ kind: 'unclear', reason: `a value in \`${short}\` is not known` }];
  if (kind === 'install')
    return [{ kind, command: command.replaceAll(secretMark, ''), folder: place.folder }];
  if (kind === 'prepare')
    return [{ kind, command: command.replaceAll(secretMark, ''), folder: place.folder }];
  // The services of a test script such as `docker compose up -d && jest` count too.
  const inner = script !== null && depth < maxDepth ? await readRun(script, place, files, depth + 1) : [];
  const services = inner.filter((action) => action.kind === 'services');
  return [
    ...services,
    { kind, command: cleanTest(removeOptions(command).replaceAll(secretMark, '')), folder: place.folder },
  ];
}

/** Reads a command that starts servers, or one that runs a command in the container of a service. */
async function describeServices(
  command: string,
  {
    isServer,
    isUnknown,
    short,
    script,
  }: { isServer: boolean; isUnknown: boolean; short: string; script: string | null },
  place: RunPlace,
  files: Files,
  depth: number,
): Promise<RunAction[]> {
  const { services, inner, isHidden, built = [] } = await readServiceCommand(command, place, files);
  const isNamed = services.length > 0 || !isServer || !/\bcompose\b/.test(command);
  const found = cleanServices(services, isUnknown && !isNamed, short);
  if (inner !== null && depth < maxDepth) {
    const { variables, folder } = inner;
    const own = Object.entries(variables).map(
      ([name, value]) => ({ kind: 'variable', name, value, isExported: true }) as const,
    );
    return [...found, ...own, ...(await readRun(inner.command, { ...place, folder }, files, depth + 1))];
  }
  if (built.length > 0) found.push({ kind: 'note', sentence: describeBuilt(short, built) });
  if (isHidden) found.push({ kind: 'unclear', reason: `\`${short}\` runs the tests in a container` });
  if (script !== null && depth < maxDepth) {
    const actions = await readRun(script, place, files, depth + 1);
    // A shell script of the repository has variables and a folder of its own.
    const isFile = !/^(?:npm|pnpm|yarn|bun|make)\b/.test(command);
    return [...found, ...(isFile ? actions.filter((action) => action.kind === 'services') : actions)];
  }
  return found;
}

/** Leaves out services with an unknown value, and removes secrets from the others. */
function cleanServices(services: readonly Service[], isLost: boolean, short: string): RunAction[] {
  const has = (mark: string) => (service: Service) =>
    [service.name, service.image, ...service.arguments, ...Object.values(service.variables)].some((text) =>
      text.includes(mark),
    );
  const known = services.filter((service) => !has(unknownMark)(service));
  const cleaned = known.map((service) => ({
    ...service,
    name: service.name.replaceAll(secretMark, ''),
    image: service.image.replaceAll(secretMark, ''),
    arguments: service.arguments.map((word) => word.replaceAll(secretMark, '')),
    variables: Object.fromEntries(
      Object.entries(service.variables).filter(([, value]) => !value.includes(secretMark)),
    ),
  }));
  return [
    ...(cleaned.length > 0 ? [{ kind: 'services' as const, services: cleaned }] : []),
    ...(isLost || known.length < services.length
      ? [{ kind: 'unclear' as const, reason: `a value in \`${short}\` is not known` }]
      : []),
    ...(known.some(has(secretMark))
      ? [{ kind: 'note' as const, sentence: `\`${short}\` needs a secret, and its server runs without it` }]
      : []),
  ];
}

function listPackages(command: string): string[] {
  const words = stripPrefixes(splitWords(command)).filter((word) => word !== 'sudo');
  const at = words.findIndex((word) => /^(?:install|add)$/.test(word));
  return words.slice(at + 1).filter((word) => /^[a-z0-9][\w.+:-]*$/.test(word));
}
