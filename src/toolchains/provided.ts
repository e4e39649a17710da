import { displayNames, type Toolchain } from '../environment/environment.js';
import type { Provision } from '../workspace/provision.js';
import type { Installed } from './ask-machine.js';
import type { Program, ProgramStore } from './program-store.js';

export { displayNames };

/** What a run gets for its toolchains. */
export type Provided = Pick<Provision, 'mounts' | 'path' | 'variables' | 'provided' | 'missing'>;

/** What this machine has, and what it may get. */
export interface Machine {
  installed: readonly Installed[];
  store: ProgramStore;
  /** Folder of the links to programs of this machine. */
  linkFolder: string;
  allowDownload: boolean;
  /** What the operator can do if a toolchain is missing: a sentence. */
  remedy: string;
  /** The processor, as Node names it. */
  arch: string;
  now: Date;
}

export const nothing: Provided = { mounts: [], path: [], variables: {}, provided: [], missing: [] };

/** Joins what several toolchains got. */
export function join(parts: readonly Provided[]): Provided {
  return {
    mounts: parts.flatMap(({ mounts }) => mounts),
    path: parts.flatMap(({ path }) => path),
    variables: Object.assign({}, ...parts.map(({ variables }) => variables)) as Record<string, string>,
    provided: parts.flatMap(({ provided }) => provided),
    missing: parts.flatMap(({ missing }) => missing),
  };
}

/** Mounts a program of the store, and puts its links on PATH. */
export function mountProgram(program: Program, name: string, sentence: string): Provided & { root: string } {
  const root = `/opt/pullwright/${name}-${program.version}`;
  return {
    ...nothing,
    mounts: [{ from: program.root, to: root, writable: false }],
    path: [`${root}/bin`],
    provided: [sentence],
    root,
  };
}

/**
 * Says that no fitting version is there. The run goes on with what is there.
 * @param cause a sentence without a period about why it could not be downloaded; null if that was not tried
 */
export function describeMissing(asked: Toolchain, machine: Machine, cause: string | null): Provided {
  const name = displayNames[asked.name];
  const found = machine.installed.filter((one) => one.name === asked.name).map(({ version }) => version);
  const has = found.length > 0 ? joinWords([...new Set(found)]) : 'none';
  const sentences = [
    `The repository asks for ${name} ${plain(asked.version)} (${plain(asked.source)}).`,
    `This server has ${has}.`,
    ...(cause === null ? [] : [`${cause}.`]),
    machine.remedy,
  ];
  return { ...nothing, missing: [sentences.join(' ')] };
}

const maxShown = 80;

/** Shortens text of a repository, and keeps it on one line. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, maxShown).toWellFormed();
}

function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Returns what npm printed about a failure, without a period at the end. */
export function describeFailure(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  const lines = (stderr ?? '')
    .split('\n')
    .flatMap((line) => /^npm (?:error|ERR!) (?!code)(.+)/.exec(line)?.[1] ?? []);
  return plain(lines[0] ?? message.split('\n')[0] ?? '').replace(/\.$/, '');
}
