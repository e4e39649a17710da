import type { CommandDefinition } from '../command.js';
import { tell } from '../reply.js';
import { stopRuns } from '../stop-runs.js';

export const stop: CommandDefinition = {
  name: 'stop',
  usage: [
    { form: '/stop', effect: 'ends the run in progress' },
    { form: '/stop keep', effect: 'ends the run and opens a draft with the work so far' },
  ],
  accepts: (argument) => /^(?:|keep)[.!]?$/i.test(argument),
  needsOpenIssue: false,
  requesterMayUse: true,
  run: async (d, trigger) => {
    const stopped = await stopRuns(d, trigger);
    if (stopped === 0) await tell(d, trigger, () => 'No run is in progress here.');
    return `stopped ${stopped}`;
  },
};
