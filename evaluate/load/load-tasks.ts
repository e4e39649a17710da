import type { z } from 'zod';
import { describeFault, InputError, Task } from '../task.js';
import { MultiSweBench, taskOfMultiSweBench } from './multi-swe-bench.js';
import { type Entry, readLines } from './read-lines.js';
import { SweBench, SweRebench, taskOfSweBench, taskOfSweRebench } from './swe-bench.js';

/**
 * Reads tasks from a file of SWE-bench, Multi-SWE-bench or SWE-rebench, or from one that `make` wrote. The
 * fields of each line tell the format.
 * @throws InputError that names the file, the line and the field
 */
export async function loadTasks(file: string): Promise<Task[]> {
  const tasks = new Map<string, Task>();
  for (const entry of await readLines(file)) {
    const task = readTask(entry);
    if (tasks.has(task.instance_id))
      throw new InputError(`${entry.place}: instance_id: expected a new id; found ${task.instance_id} again`);
    tasks.set(task.instance_id, task);
  }
  if (tasks.size === 0) throw new InputError(`${file}: expected at least one task; found none`);
  return [...tasks.values()];
}

function readTask(entry: Entry): Task {
  const { value } = entry;
  const has = (field: string) => typeof value === 'object' && value !== null && field in value;
  if (has('org')) return check(Task, { ...entry, value: taskOfMultiSweBench(check(MultiSweBench, entry)) });
  if (has('install_config'))
    return check(Task, { ...entry, value: taskOfSweRebench(check(SweRebench, entry)) });
  return check(Task, { ...entry, value: taskOfSweBench(check(SweBench, entry)) });
}

function check<Schema extends z.ZodType>(schema: Schema, { place, value }: Entry): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InputError(`${place}: ${describeFault(parsed.error, value)}`);
  return parsed.data;
}
