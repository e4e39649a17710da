import type { CommandDefinition } from '../command.js';

export const implement: CommandDefinition = {
  name: 'implement',
  usage: [
    {
      form: '/implement [@agent] [--effort level] [instructions]',
      effect: 'starts a run; on a pull request that I opened, requests a change',
    },
  ],
  accepts: () => true,
  needsOpenIssue: true,
  requesterMayUse: false,
  run: null,
};
