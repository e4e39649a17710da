import { efforts } from '../runs/effort.js';
import type { RefusalReason } from '../runs/refusal-reason.js';
import type { Trigger } from '../task/task.js';
import type { Command } from './parse-command.js';

type CommandTrigger = Extract<Trigger, { kind: 'command' }>;
type OwnParts = 'kind' | 'instructions' | 'agent' | 'anyway' | 'plan' | 'effort' | 'commentId';

/**
 * Creates the trigger of an `/implement`. A wrong option becomes the reason to refuse it.
 * @param commentId null if the request is in the text of the issue
 */
export function requestWork(
  command: Command,
  commentId: number | null,
  parts: Omit<CommandTrigger, OwnParts>,
): CommandTrigger {
  const { instructions, agent, anyway, plan } = command;
  const effort = efforts.find((one) => one === command.effort) ?? null;
  const fault = effort === command.effort ? null : invalidEffort(command.effort ?? '');
  const planFault = plan && parts.onPullRequest ? { kind: 'plan-on-pull-request' as const } : null;
  const refusalReason = parts.refusalReason ?? fault ?? planFault;
  return {
    ...{ kind: 'command', instructions, agent, anyway, plan, effort, commentId },
    ...parts,
    refusalReason,
  };
}

function invalidEffort(found: string): RefusalReason {
  const fault = `expected one of ${efforts.join(', ')}; found ${found ? `"${found}"` : 'none'}`;
  return { kind: 'invalid-effort', where: "the command's `--effort`", fault };
}
