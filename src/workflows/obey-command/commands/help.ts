import { renderHelp } from '../../../messages/replies.js';
import type { CommandDefinition } from '../command.js';
import { tell } from '../reply.js';

/** Shows all commands. The bot also replies with this text to misspelled or invalid commands. */
export const help: CommandDefinition = {
  name: 'help',
  usage: [{ form: '/help', effect: 'lists these commands' }],
  accepts: () => true,
  needsOpenIssue: false,
  requesterMayUse: false,
  run: async (d, trigger, all) => {
    await tell(d, trigger, () => renderHelp(all.flatMap(({ usage }) => usage)));
    return 'replied';
  },
};
