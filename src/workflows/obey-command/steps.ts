import type { Steps } from '../../engine/steps.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Trigger } from '../../task/task.js';
import { abandonRun, react, recordResult, refuse } from '../accept-trigger/answer-trigger.js';
import { decideTrigger } from '../accept-trigger/decide-trigger.js';
import type { Dependencies } from '../dependencies.js';
import type { CommandTrigger } from './command.js';
import { commands, findCommand } from './commands.js';
import { stopRuns } from './stop-runs.js';

/** The steps of `obeyCommand`, in order. Each is durable and may be repeated after a crash. */
export const obeyCommandSteps = (d: Dependencies) => ({
  stopRuns: {
    name: 'stop-runs',
    run: (trigger: Extract<Trigger, { kind: 'end' }>) => stopRuns(d, trigger),
  },
  decide: { name: 'decide-trigger', run: (trigger: Trigger) => decideTrigger(d, trigger) },
  refuse: { name: 'refuse', run: (trigger: Trigger, reason: RefusalReason) => refuse(d, trigger, reason) },
  react: { name: 'react', run: (trigger: Trigger) => react(d, trigger, 'eyes') },
  runCommand: { name: 'run-command', run: (trigger: CommandTrigger) => runCommand(d, trigger) },
  abandonRun: {
    name: 'abandon-run',
    run: (trigger: Trigger, reason: string) => abandonRun(d, trigger, reason),
  },
  recordResult: {
    name: 'record-result',
    run: (trigger: Trigger, result: string) => recordResult(d, trigger, result),
  },
});
export type ObeyCommandSteps = Steps<ReturnType<typeof obeyCommandSteps>>;

function runCommand(d: Dependencies, trigger: CommandTrigger): Promise<string> {
  const { name, run } = findCommand(trigger.control);
  if (!run) throw new Error(`/${name} starts a run, so it is no command to obey at once`);
  return run(d, trigger, commands);
}
