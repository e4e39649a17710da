import type { Steps } from '../../engine/steps.js';
import { admitRun, announceRun } from '../run/control/admission-control.js';
import { abandonRun, reactWithEyes, recordResult, refuse } from './answer-trigger.js';
import { decideTrigger } from './decide-trigger.js';
import { passOn, reserveRun } from './reserve-run.js';

/** The steps of `acceptTrigger`, in order. Each step is durable, and safe to repeat after a crash. */
export const acceptTriggerSteps = {
  decide: { name: 'decide-trigger', run: decideTrigger },
  reserveRun: { name: 'reserve-run', run: reserveRun },
  passOn: { name: 'pass-on-instructions', run: passOn },
  react: { name: 'react', run: reactWithEyes },
  announceRun: { name: 'announce-run', run: announceRun },
  admitRun: { name: 'admit-run', run: admitRun },
  abandonRun: { name: 'abandon-run', run: abandonRun },
  refuse: { name: 'refuse', run: refuse },
  recordResult: { name: 'record-result', run: recordResult },
};
export type AcceptTriggerSteps = Steps<typeof acceptTriggerSteps>;
