import { appendFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Grade } from './grade/grade.js';
import { readLines } from './load/read-lines.js';
import { describeFault, InputError } from './task.js';

/** One attempt at a task, as a line of a result file. */
export const Result = z.object({
  instance_id: z.string(),
  repo: z.string(),
  /** Number of the attempt at this task, from 1. */
  repeat: z.number().int().positive(),
  /** The model, or the solution that the scripted model played. */
  player: z.string(),
  outcome: z.enum(['pull-request', 'draft', 'plan', 'question', 'refusal', 'stopped', 'failed']),
  detail: z.string(),
  /** Null if the run pushed nothing, so that there is nothing to grade. */
  grade: Grade.nullable(),
  dollars: z.number(),
  turns: z.number(),
  minutes: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
});
export type Result = z.infer<typeof Result>;

export const isResolved = ({ grade }: Result): boolean => grade?.resolved ?? false;

export async function startResults(file: string): Promise<void> {
  await writeFile(file, '');
}

/** Writes each result at once, so that an interruption loses none. */
export async function appendResult(file: string, result: Result): Promise<void> {
  await appendFile(file, `${JSON.stringify(result)}\n`);
}

/** @throws InputError that names the file, the line and the field */
export async function readResults(file: string): Promise<Result[]> {
  return (await readLines(file)).map(({ place, value }) => {
    const parsed = Result.safeParse(value);
    if (!parsed.success) throw new InputError(`${place}: ${describeFault(parsed.error, value)}`);
    return parsed.data;
  });
}
