import { fieldsOfTrigger } from '../../runs/log-fields.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';
import type { CommandTrigger } from './command.js';

/**
 * Replies to a command. If the issue is locked or deleted, the bot cannot reply and only logs the failure.
 */
export async function tell(
  { publisher, log }: Dependencies,
  trigger: CommandTrigger,
  render: (untrusted: UntrustedText) => string,
): Promise<void> {
  await ifGitHubAllows(log, fieldsOfTrigger(trigger), 'could not answer a command', () =>
    publisher.reply(trigger, render),
  );
}
