import { z } from 'zod';
import type { Task } from '../task.js';

const list = z.array(z.string());
/** A list of test names. SWE-bench's files contain it as text. */
const names = z.union([list, z.string().transform(parseJson).pipe(list)], {
  error: 'a list of test names, or a JSON text of one',
});

/** @returns null if the text is not JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const commands = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

/** The fields of a line of SWE-bench. Other fields, such as `hints_text`, are ignored. */
export const SweBench = z.object({
  instance_id: z.string(),
  repo: z.string(),
  base_commit: z.string(),
  problem_statement: z.string(),
  test_patch: z.string(),
  patch: z.string().default(''),
  FAIL_TO_PASS: names,
  PASS_TO_PASS: names,
  // These three fields are Pullwright's own.
  setup: commands.nullable().default(null),
  test: z.string().nullable().default(null),
  checks: z.boolean().default(true),
});

export function taskOfSweBench(line: z.output<typeof SweBench>): Task {
  return line;
}

/**
 * The fields of a line of SWE-rebench: those of SWE-bench, and how to install and test the project. The first
 * version of the data set has one text per command, the second one has lists.
 */
export const SweRebench = SweBench.extend({
  install_config: z.object({
    pre_install: commands.nullish(),
    install: commands.nullish(),
    test_cmd: commands,
  }),
});

export function taskOfSweRebench({ install_config, ...line }: z.output<typeof SweRebench>): Task {
  const { pre_install, install, test_cmd } = install_config;
  const setup = [...(pre_install ?? []), ...(install ?? [])].filter((command) => command.trim() !== '');
  return { ...line, setup: line.setup ?? setup, test: line.test ?? test_cmd.join(' && ') };
}
