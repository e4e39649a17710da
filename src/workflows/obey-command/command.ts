import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

export type CommandTrigger = Extract<Trigger, { kind: 'control' }>;

/** A slash command. To add one, write a file in `commands/` and list it in `commands.ts`. */
export interface CommandDefinition {
  /** The word after the slash. */
  name: string;
  /** Each form of the command and its effect, as `/help` shows them. */
  usage: readonly { form: string; effect: string }[];
  /**
   * Returns whether the rest of the command's line is valid. After an invalid line, people get the text of
   * `/help`.
   */
  accepts(argument: string): boolean;
  /** Whether the command works only on an open issue. */
  needsOpenIssue: boolean;
  /** Whether the person who requested the latest run may use the command even without write access. */
  requesterMayUse: boolean;
  /**
   * Carries out the command as one durable step, which must be safe to repeat after a crash. If this is
   * null, the command starts a run instead, and `workflows/accept-trigger` handles it.
   * @param all every command, because `/help` lists them
   * @returns a short result for the delivery's record, such as `run <id>`
   */
  run:
    | ((d: Dependencies, trigger: CommandTrigger, all: readonly CommandDefinition[]) => Promise<string>)
    | null;
}
