import path from 'node:path';
import { isInBackground, quoteWord } from '../shell/split-script.js';
import { assignVariables, type OwnCommand } from './job-builder.js';

/**
 * Joins a test with the programs that earlier steps of its job started in the background, and with the
 * commands that waited for them. Each test command runs alone here, so it starts these programs itself.
 */
export function runBeside(beside: readonly OwnCommand[], test: OwnCommand): OwnCommand {
  // A test that starts a program itself is complete.
  if (beside.length === 0 || /(?<![&>|])&(?=\s|$)/.test(test.command)) return test;
  const parts = beside.map((one) => {
    const command = assignVariables(Object.entries(one.own), one.command);
    const folder = path.posix.relative(`/${test.folder}`, `/${one.folder}`);
    const isBackground = one.kind === 'background';
    const inFolder =
      folder === '' ? command : `(cd ${quoteWord(folder)} && ${withoutEnd(command, isBackground)})`;
    if (isBackground) return folder === '' ? command : `${inFolder} &`;
    // A program such as `wait-on` may not be installed.
    return /^sleep\s/.test(command) ? `${inFolder};` : `{ ${inFolder} || sleep ${patience}; };`;
  });
  const isAwaited = beside.some(({ kind }) => kind === 'wait');
  const all = [...parts, ...(isAwaited ? [] : [`sleep ${patience};`]), test.command];
  const isShort = all.every((part) => !part.includes('\n'));
  return { ...test, command: isShort ? `(${all.join(' ')})` : all.join('\n') };
}

/** Adds a program, or a command that waits for an earlier one. Steps can start the same program again. */
export function addBeside(beside: OwnCommand[], added: OwnCommand): void {
  const isKnown = beside.some(({ command, folder }) => command === added.command && folder === added.folder);
  if (added.kind === 'background' ? !isKnown : beside.length > 0) beside.push(added);
}

/** Seconds for programs for which CI does not wait. */
const patience = 5;

function withoutEnd(command: string, isBackground: boolean): string {
  return isBackground ? command.replace(/\s*&\s*$/, '') : command;
}

/** Whether a command starts a program in the background that tests may talk to. */
export function startsProgram(command: string): boolean {
  const starts = /\b(?:start\w*|serve\w*|dev|preview|run|node|python[\d.]*)\b/;
  return isInBackground(command) && starts.test(command);
}

/** Whether a command waits for a program that runs beside the tests. */
export function waits(command: string): boolean {
  const own = /(?:^|[\s/])(?:wait-on|wait-port|wait-for\S*|wait_for\S*|dockerize|sleep)(?:\s|$)|\/dev\/tcp\//;
  const asks = /\b(?:curl|wget|nc|http)\b.*(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])/s;
  return own.test(command) || asks.test(command);
}

/** Says that containers cannot be built here. */
export function describeBuilt(command: string, names: readonly string[]): string {
  const [verb, pronoun] = names.length > 1 ? ['are', 'them'] : ['is', 'it'];
  return `\`${command}\` also starts ${names.join(' and ')}, which ${verb} built from the repository, so the tests run without ${pronoun}`;
}
