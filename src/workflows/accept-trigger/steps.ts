import type { Steps } from '../../engine/steps.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Run } from '../../runs/run.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { admitRuns, announceRun } from '../run/admission-control.js';
import { abandonRun, react, recordResult, refuse } from './answer-trigger.js';
import { decideTrigger } from './decide-trigger.js';
import { passOn, reserveRun } from './reserve-run.js';

/** The steps of `acceptTrigger`, in order. Each is durable and may be repeated after a crash. */
export const acceptTriggerSteps = (d: Dependencies) => ({
  decide: { name: 'decide-trigger', run: (trigger: Trigger) => decideTrigger(d, trigger) },
  reserveRun: { name: 'reserve-run', run: (trigger: Trigger) => reserveRun(d, trigger) },
  passOn: {
    name: 'pass-on-instructions',
    run: (trigger: Trigger, runId: string) => passOn(d, trigger, runId),
  },
  react: { name: 'react', run: (trigger: Trigger) => react(d, trigger, 'eyes') },
  announceRun: { name: 'announce-run', run: (run: Run) => announceRun(d, run) },
  admitRun: { name: 'admit-run', run: (run: Run) => admitRuns(d, run.id) },
  abandonRun: {
    name: 'abandon-run',
    run: (trigger: Trigger, reason: string) => abandonRun(d, trigger, reason),
  },
  refuse: { name: 'refuse', run: (trigger: Trigger, reason: RefusalReason) => refuse(d, trigger, reason) },
  recordResult: {
    name: 'record-result',
    run: (trigger: Trigger, result: string) => recordResult(d, trigger, result),
  },
});
export type AcceptTriggerSteps = Steps<ReturnType<typeof acceptTriggerSteps>>;
