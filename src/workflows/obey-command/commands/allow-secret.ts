import { allowPlace } from '../../../database/allowed-secrets.js';
import { renderAllowed } from '../../../messages/replies.js';
import type { AllowedPlace } from '../../../runs/allowed-place.js';
import type { CommandDefinition } from '../command.js';
import { findKey } from '../find-latest.js';
import { tell } from '../reply.js';

export const allowSecret: CommandDefinition = {
  name: 'allow-secret',
  usage: [
    {
      form: '/allow-secret <path>[:<line>]',
      effect:
        'allows text that looks like a credential at this place, starting with the next scan of this change',
    },
  ],
  accepts: (argument) => parsePlace(argument) !== null,
  needsOpenIssue: true,
  requesterMayUse: false,
  run: async (d, trigger) => {
    const place = parsePlace(trigger.instructions);
    if (!place) throw new Error('/allow-secret was accepted without a path');
    await allowPlace(d.db, await findKey(d.db, trigger), place, trigger.sender.login);
    await tell(d, trigger, (untrusted) => renderAllowed(place, untrusted));
    return 'allowed';
  },
};

/**
 * Parses the argument `<path>` or `<path>:<line>`.
 * @returns null if the argument contains no path
 */
function parsePlace(argument: string): AllowedPlace | null {
  // People copy the path together with the backticks of its Markdown code span.
  const text = argument
    .trim()
    .replace(/^`+|`+$/g, '')
    .trim();
  const [, path = '', line] = /^(?:\.\/)?(.*?)(?::(\d{1,7}))?$/.exec(text) ?? [];
  return path === '' ? null : { path, line: line ? Number(line) : null };
}
