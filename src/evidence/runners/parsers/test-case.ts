import { stripEscapes } from '../../../text/strip-escapes.js';
import type { TestCase } from '../../evidence.js';

/** The repository's folder in the sandbox. Reports contain absolute paths that start with it. */
const root = '/workspace/';
const maxMessage = 1000;
/** Maximum length of a test id, in characters. Code under test can choose a name of any length. */
const maxId = 2000;
const maxLevels = 30;

/**
 * Creates a test result for the evidence. The test's id must be the same in every run, so it contains nothing
 * that depends on the machine or the build.
 */
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

/** Returns the ids of a test's parents. For example, the parents of `a › b › c` are `a` and `a › b`. */
export function parentsOf(id: string): string[] {
  const parts = id.split(' › ', maxLevels + 1);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(' › '));
}

/** Turns a path from a report into a path relative to the repository's root. */
export function relativePath(file: string): string {
  return file
    .replace(/^file:\/\//, '')
    .replace(root, '')
    .replace(/^\.\//, '');
}

function shorten(message: string): string {
  return stripEscapes(message).trim().slice(0, maxMessage).toWellFormed();
}
