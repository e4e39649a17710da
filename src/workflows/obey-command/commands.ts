import type { CommandDefinition } from './command.js';
import { allowSecret } from './commands/allow-secret.js';
import { help } from './commands/help.js';
import { implement } from './commands/implement.js';
import { retry } from './commands/retry.js';
import { status } from './commands/status.js';
import { stop } from './commands/stop.js';

/** Every slash command, in the order that `/help` lists them. */
export const commands: readonly CommandDefinition[] = [implement, stop, status, retry, allowSecret, help];

export function findCommand(name: string): CommandDefinition {
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`there is no command /${name}`);
  return command;
}
