import { readEvents } from '../../../database/run-events.js';
import { countAhead } from '../../../database/runs.js';
import { renderStatus } from '../../../messages/progress-comment.js';
import { findProgressLink } from '../../run/control/find-progress-link.js';
import type { CommandDefinition } from '../command.js';
import { findLatest } from '../find-latest.js';
import { tell } from '../reply.js';

export const status: CommandDefinition = {
  name: 'status',
  usage: [
    { form: '/status', effect: 'shows what the latest run is doing, its cost, and its place in the queue' },
  ],
  accepts: () => true,
  needsOpenIssue: false,
  requesterMayUse: false,
  run: async (d, trigger) => {
    const latest = await findLatest(d.db, trigger);
    if (!latest) {
      await tell(d, trigger, () => 'There are no runs here yet. Start one with `/implement`.');
      return 'replied';
    }
    const link = await findProgressLink(d.db, latest.trigger);
    const ahead = latest.status === 'queued' ? await countAhead(d.db, latest.id) : 0;
    const events = await readEvents(d.db, latest.id);
    await tell(d, trigger, (untrusted) =>
      renderStatus(latest, events, { ahead, link, now: d.now() }, untrusted),
    );
    return 'replied';
  },
};
