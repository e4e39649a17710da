import { stripEscapes } from '../../text/strip-escapes.js';
import type { TestCase } from '../evidence.js';

/** Where the sandbox shows the repository: reports name absolute paths. */
const root = '/workspace/';
const maxMessage = 1000;
/** No name of a test is longer; a program may say otherwise. */
const maxId = 2000;
const maxLevels = 30;

/** One test as the evidence keeps it. Its id is the same in every run: nothing in it depends on a machine or on time. */
export function testCase(
  file: string | null,
  titles: readonly string[],
  outcome: TestCase['outcome'],
  message?: string | null,
): TestCase {
  const id = [file, ...titles]
    .filter(Boolean)
    .join(' › ')
    .slice(0, 2 * maxId)
    .replace(/\s+/g, ' ')
    .slice(0, maxId)
    .toWellFormed();
  return { id, file, outcome, ...(outcome === 'failed' && message && { message: shorten(message) }) };
}

/** Of `a › b › c`: `a` and `a › b`. */
export function parentsOf(id: string): string[] {
  const parts = id.split(' › ', maxLevels + 1);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(' › '));
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
  return stripEscapes(message).trim().slice(0, maxMessage).toWellFormed();
}
