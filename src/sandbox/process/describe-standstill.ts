import { readFile } from 'node:fs/promises';
import { measureProcesses } from '../limits/measure-processes.js';

const maxProcesses = 5;
const maxCharacters = 120;

/**
 * Programs that say nothing about the command: those of the sandbox and of the container engine, servers
 * beside the command, and pauses.
 */
const others =
  /^(?:postgres: |\/opt\/pullwright\/|\/run\/node |(?:\S*\/)?(?:bwrap|docker|podman|sleep|mariadbd|redis-server|valkey-server|mongod|memcached)(?: |$))/;

/**
 * Describes what a command was doing when its time was over, so that people need not guess why it stood
 * still.
 * @param pid the command's first process
 * @param silentMs the time since its last output
 * @returns a line of text
 */
export async function describeStandstill(pid: number, timeoutMs: number, silentMs: number): Promise<string> {
  const { leaves } = await measureProcesses(pid);
  const names = await Promise.all(leaves.map(readCommandLine));
  const running = [...new Set(names)].filter((name) => name !== '' && !others.test(name));
  const listed = running.slice(0, maxProcesses).map((name) => `"${name}"`);
  if (running.length > maxProcesses) listed.push(`${running.length - maxProcesses} more`);
  return [
    `sandbox: the time limit of ${seconds(timeoutMs)} s was reached.`,
    `The command had printed nothing for ${seconds(silentMs)} s.`,
    ...(listed.length > 0 ? [`Still running: ${listed.join(', ')}.`] : []),
  ].join(' ');
}

/** @returns '' if the process has ended or is none of a program */
async function readCommandLine(pid: number): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const line = words
    .replaceAll('\0', ' ')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line;
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : String(Math.round(milliseconds / 1000));
}
