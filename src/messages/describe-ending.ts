import type { TestRun } from '../evidence/evidence.js';

const endWords: Record<Exclude<TestRun['ended'], 'exited'>, string> = {
  'did-not-exit': 'did not exit',
  timeout: 'timed out',
  'output-limit': 'too much output',
  'memory-limit': 'too much memory',
  'process-limit': 'too many processes',
  'disk-limit': 'too much disk space',
  'not-measured': 'resource use could not be measured',
  stopped: 'stopped',
};

/**
 * Describes in a few words why a command did not exit on its own.
 * @param ended the field `ended` of a recorded `TestRun`
 */
export function describeEnding(ended: string): string {
  return (endWords as Record<string, string>)[ended] ?? ended;
}
