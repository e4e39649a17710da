import { createHash } from 'node:crypto';
import { beforeRedirection, splitWords } from '../shell/split-script.js';
import { limitInsertions, own } from '../values.js';
import { unknownMark } from './expressions.js';
import { secretMark } from './scope.js';

/** What the shell of a step knows while its script is read. */
export interface ShellState {
  /** Where the command runs, relative to the root of the repository. */
  folder: string;
  /** The variables of CI. */
  variables: Readonly<Record<string, string>>;
  /** The variables that the script itself has set. */
  assigned: Map<string, string | null>;
}

/** A variable that a command gives to later commands. */
export interface WrittenVariable {
  kind: 'variable';
  name: string;
  /** Null if the value is not known. */
  value: string | null;
  /** Whether only the same script has it. */
  isExported: boolean;
}

/** Reads `export A=b C=d` and `echo "A=b" >> $GITHUB_ENV`. @returns null for any other command */
export function readWrittenVariables(command: string, shell: ShellState): WrittenVariable[] | null {
  return readExports(command, shell) ?? readVariableWrite(command, shell);
}

/** Notes a command such as `KEY=$(openssl rand -hex 32)`. */
export function noteAssignment(command: string, state: ShellState): void {
  const [, name, value] =
    /^([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|\$\([^\n]*\)|[^\s"';|&<>]*)$/.exec(command) ?? [];
  if (name === undefined || value === undefined) return;
  const isLiteral = value.startsWith("'");
  const text = value.replace(/^(["'])(.*)\1$/, '$2');
  state.assigned.set(name, isLiteral ? text : findValue(text, name, state));
}

/**
 * Returns the value that the shell gives to a text. A random value becomes a value of the same form that is
 * always the same, so that two runs can be compared.
 * @returns null if the value is not known
 */
export function findValue(text: string, name: string, state: ShellState): string | null {
  if (text.includes(unknownMark) || text.includes(secretMark) || text.includes('`')) return null;
  let isKnown = true;
  const limit = limitInsertions();
  const whole = /^\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(text)?.[1];
  if (whole !== undefined) return whole.trim() === 'pwd' ? pathOf(state.folder) : standIn(whole, name);
  const value = text.replace(
    /\$\(pwd\)|\$\{?([A-Za-z_]\w*)\}?/g,
    (part: string, variable: string | undefined) => {
      const found = variable === undefined ? pathOf(state.folder) : findVariable(variable, state);
      const inserted = found === null ? null : limit(found);
      if (inserted === null) isKnown = false;
      return inserted ?? part;
    },
  );
  return isKnown && !value.includes('$') && value.length <= maxLength ? value : null;
}

const maxLength = 10_000;

function findVariable(name: string, { assigned, variables, folder }: ShellState): string | null {
  if (assigned.has(name)) return assigned.get(name) ?? null;
  if (name === 'PWD') return pathOf(folder);
  if (name === 'GITHUB_WORKSPACE') return pathOf('');
  return own(variables, name) ?? null;
}

function pathOf(folder: string): string {
  return folder === '' ? '/workspace' : `/workspace/${folder}`;
}

/** Replaces a random value, such as a key for cookies. @returns null for any other command */
function standIn(command: string, name: string): string | null {
  if (/[$`]/.test(command) && !/\$RANDOM\b/.test(command)) return null;
  const digest = createHash('sha256').update(name).digest();
  if (/^\s*(?:uuidgen\b|cat \/proc\/sys\/kernel\/random\/uuid)/.test(command))
    return digest.toString('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
  if (!/\bopenssl rand\b|\/dev\/u?random\b|\brandomBytes\(|\bsecrets\.token_|\bpwgen\b/.test(command))
    return null;
  const size = Math.min(Number(/\d+/.exec(command.replace(/base64|sha256/g, ''))?.[0] ?? 32), 256);
  const bytes = Buffer.alloc(Math.max(size, 1), digest);
  return bytes.toString(/base64/.test(command) ? 'base64' : 'hex');
}

/** Reads `export A=b C=d`. @returns null for any other command */
function readExports(command: string, shell: ShellState): WrittenVariable[] | null {
  if (!/^export\s/.test(command) || command.includes('\n')) return null;
  const words = beforeRedirection(splitWords(command)).slice(1);
  if (!words.some((word) => word.includes('=')) || !words.every((word) => /^[A-Za-z_]\w*(?:=|$)/.test(word)))
    return null;
  return words.flatMap((word) => {
    const [, name, value] = /^(\w+)=([\s\S]*)$/.exec(word) ?? [];
    return name === undefined || value === undefined ? [] : [makeVariable(name, value, true, shell)];
  });
}

/** Reads `echo "A=b" >> $GITHUB_ENV`. @returns null for any other command */
function readVariableWrite(command: string, shell: ShellState): WrittenVariable[] | null {
  const target = '\\s*(?:>>|\\|\\s*tee\\s+(?:-a|--append))\\s*"?\\$\\{?GITHUB_ENV\\}?"?$';
  const [, , name, value = ''] =
    new RegExp(`^(?:echo|printf)\\s+(?:-\\w\\s+)?(["']?)([A-Za-z_]\\w*)=([^\\n]*?)\\1${target}`).exec(
      command,
    ) ?? [];
  return name === undefined ? null : [makeVariable(name, value, false, shell)];
}

function makeVariable(name: string, text: string, isExported: boolean, shell: ShellState): WrittenVariable {
  const plain = text.replace(/\\n$/, '').replace(/^["']|["']$/g, '');
  const value = findValue(plain, name, shell);
  if (isExported) shell.assigned.set(name, value);
  return { kind: 'variable', name, value, isExported };
}
