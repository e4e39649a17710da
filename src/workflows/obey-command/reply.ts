import { fieldsOfTrigger } from '../../runs/log-fields.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import type { Dependencies } from '../dependencies.js';
import type { CommandTrigger } from './command.js';

/**
 * Replies to a command. If the issue is locked or deleted, the bot cannot reply and only logs the failure.
 */
export async function tell(
  { publisher, log }: Dependencies,
  trigger: CommandTrigger,
  render: (untrusted: UntrustedText) => string,
): Promise<void> {
  try {
    await publisher.reply(trigger, render);
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error;
    log.warn({ ...fieldsOfTrigger(trigger), reason: error.message }, 'could not answer a command');
  }
}
