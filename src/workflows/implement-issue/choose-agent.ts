import { RunEndedError } from '../../runs/outcome.js';
import type { Agent } from '../../task/agent-file.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import type { Trigger } from '../../task/task.js';

export interface AgentChoice {
  agent: Agent;
  /** Why this one, in a few words for people. */
  reason: string;
}

/**
 * The agent that does the work: the one that was named, the label's, the settings', the only one; where none of these says
 * it, the one whose description fits best.
 * @param labels label -> agent, the operator's and the repository's
 * @param usual the settings' `agent`; null: none
 * @param pickByDescription asked last; null: it could not say
 * @throws RunEnded when there is no such agent
 */
export async function chooseAgent(
  trigger: Trigger,
  agents: readonly Agent[],
  labels: Readonly<Record<string, string>>,
  usual: string | null,
  pickByDescription: () => Promise<string | null>,
): Promise<AgentChoice> {
  const find = (name: string, reason: string): AgentChoice => {
    const agent = agents.find((one) => one.name === name);
    if (agent) return { agent, reason };
    const names = agents.map((one) => `\`${one.name}\``).join(', ');
    throw new RunEndedError({
      kind: 'refusal',
      reason: `there is no agent ${name}; there ${agents.length === 1 ? 'is' : 'are'} ${names}`,
    });
  };
  if (trigger.kind === 'command' && trigger.agent !== null) return find(trigger.agent, 'asked for by name');
  if (trigger.kind === 'label')
    return find(agentOfLabel(labels, trigger.label) ?? 'for this label', `by the label ${trigger.label}`);
  if (usual !== null) return find(usual, "by the repository's settings");
  const fallback = agents.find(({ name }) => name === Object.values(labels)[0]) ?? agents[0];
  if (!fallback) throw new Error('there are no agents, and the program does not start without one');
  if (agents.length === 1) return { agent: fallback, reason: '' };
  const picked = await pickByDescription();
  const agent = agents.find(({ name }) => name === picked);
  return agent
    ? { agent, reason: 'its description fits best' }
    : { agent: fallback, reason: 'the usual one' };
}
