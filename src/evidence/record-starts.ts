import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { TestCommand } from './commands/find-commands.js';
import { filesOf } from './run-suites.js';
import { createTestScript, splitOutput } from './test-script.js';

/** The start of a test. */
export interface TestStart {
  /** The suites and the name of the test, joined by ` › `. */
  name: string;
  /** As `Date.now()` counts it, by the clock of the sandbox, which is that of this machine. */
  at: number;
}

const Event = z.object({ type: z.enum(['start', 'end']), at: z.number(), names: z.array(z.string()) });
type Event = z.infer<typeof Event>;

const graceMs = 15_000;
const maxOutputBytes = 32 * 1024 * 1024;
const maxName = 300;

/**
 * Runs the tests of one file, and records when each of them starts. The results of the tests are not read.
 * @returns in order; null if the runner does not record this, or if it ran tests at the same time
 */
export async function recordStarts(
  sandbox: Sandbox,
  tests: readonly TestCommand[],
  file: string,
  timeoutMs: number,
): Promise<TestStart[] | null> {
  const test = tests.find((one) => filesOf(one, [file], tests).length > 0);
  if (!test) return null;
  const marker = `reports-${randomBytes(16).toString('hex')}`;
  const { script, env } = createTestScript(test, {
    ...{ files: [file], marker, seconds: timeoutMs / 1000 },
    recordsStarts: true,
  });
  const { stdout } = await sandbox.execute({
    ...{ script, env, cwd: test.folder, services: true },
    ...{ timeoutMs: timeoutMs + graceMs, maxOutputBytes },
  });
  return readStarts(splitOutput(stdout, marker).starts ?? '');
}

/** @returns null if there are none, or if tests ran at the same time */
export function readStarts(text: string): TestStart[] | null {
  const starts: TestStart[] = [];
  // A test can contain others. Then the inner one ends first.
  const open: string[] = [];
  for (const { type, at, names } of readEvents(text)) {
    const name = names.join(' › ').slice(0, maxName).toWellFormed();
    if (type === 'start') {
      open.push(name);
      starts.push({ name, at });
    } else if (open.at(-1) === name) open.pop();
    // A skipped test can end without a start.
    else if (open.includes(name)) return null;
  }
  return starts.length > 0 ? starts : null;
}

/** Reads the events of all processes, in order. Tests can write anything to the files. */
function readEvents(text: string): Event[] {
  const events = text.split('\n').flatMap((line) => Event.safeParse(parseJson(line)).data ?? []);
  return events.sort((one, other) => one.at - other.at);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
