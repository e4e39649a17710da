import type { CommandDefinition } from '../command.js';

export const implement: CommandDefinition = {
  name: 'implement',
  usage: [
    {
      form: '/implement [@agent] [--effort level] [instructions]',
      effect: 'starts a run; on a pull request that I opened, requests a change',
    },
    { form: '/implement --plan', effect: 'shows how I would set up and test this repository, at no cost' },
  ],
  accepts: () => true,
  needsOpenIssue: true,
  requesterMayUse: false,
  run: null,
};
