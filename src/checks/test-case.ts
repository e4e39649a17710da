import { stripVTControlCharacters } from 'node:util';
import type { TestCase } from './evidence.js';

/** Where the sandbox shows the repository: reports name absolute paths. */
const root = '/workspace/';
const maxMessage = 1000;

/** One test as the evidence keeps it. Its id is the same in every run: nothing in it depends on a machine or on time. */
export function testCase(
  file: string | null,
  titles: readonly string[],
  outcome: TestCase['outcome'],
  message?: string | null,
): TestCase {
  const id = [file, ...titles].filter(Boolean).join(' › ').replace(/\s+/g, ' ').toWellFormed();
  return { id, file, outcome, ...(outcome === 'failed' && message && { message: shorten(message) }) };
}

/** A path as the repository knows it. */
export function relative(file: string): string {
  return file
    .replace(/^file:\/\//, '')
    .replace(root, '')
    .replace(/^\.\//, '');
}

/** Colours and escapes of a terminal say nothing in a report. */
function shorten(message: string): string {
  return stripVTControlCharacters(message).trim().slice(0, maxMessage).toWellFormed();
}
