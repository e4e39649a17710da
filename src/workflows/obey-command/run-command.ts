import type { Dependencies } from '../dependencies.js';
import type { CommandTrigger } from './command.js';
import { commands, findCommand } from './commands.js';

/** @returns a short result for the delivery's record, such as `stopped 1` */
export function runCommand(d: Dependencies, trigger: CommandTrigger): Promise<string> {
  const { name, run } = findCommand(trigger.control);
  if (!run) throw new Error(`/${name} starts a run, so it cannot be carried out as an immediate command`);
  return run(d, trigger, commands);
}
