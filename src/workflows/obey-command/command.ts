import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

export type CommandTrigger = Extract<Trigger, { kind: 'control' }>;

/** A slash command. To add one, write a file in `commands/` and list it in `commands.ts`. */
export interface CommandDefinition {
  /** The word after the slash. */
  name: string;
  /** For `/help`: each form of the command, and its effect. */
  usage: readonly { form: string; effect: string }[];
  /** Whether the rest of the command's line is valid; if not, people get `/help`. */
  accepts(argument: string): boolean;
  /** The issue must be open. */
  needsOpenIssue: boolean;
  /** The person who requested the latest run may use it, even without write access. */
  requesterMayUse: boolean;
  /**
   * Carries out the command, in one durable step: it may be repeated after a crash. Null: the command starts
   * a run, see `workflows/accept-trigger`.
   * @param all every command, for `/help`
   * @returns the delivery's result, for its record
   */
  run:
    | ((d: Dependencies, trigger: CommandTrigger, all: readonly CommandDefinition[]) => Promise<string>)
    | null;
}
