import type { Steps } from '../../engine/steps.js';
import { abandonRun, reactWithEyes, recordResult, refuse } from '../accept-trigger/answer-trigger.js';
import { decideTrigger } from '../accept-trigger/decide-trigger.js';
import { runCommand } from './run-command.js';
import { stopRuns } from './stop-runs.js';

/** The steps of `obeyCommand`, in order. Each step is durable, and safe to repeat after a crash. */
export const obeyCommandSteps = {
  stopRuns: { name: 'stop-runs', run: stopRuns },
  decide: { name: 'decide-trigger', run: decideTrigger },
  refuse: { name: 'refuse', run: refuse },
  react: { name: 'react', run: reactWithEyes },
  runCommand: { name: 'run-command', run: runCommand },
  abandonRun: { name: 'abandon-run', run: abandonRun },
  recordResult: { name: 'record-result', run: recordResult },
};
export type ObeyCommandSteps = Steps<typeof obeyCommandSteps>;
