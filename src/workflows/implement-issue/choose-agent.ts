import { pickAgent } from '../../agent/pick-agent.js';
import { recordSpend } from '../../database/model/spend.js';
import { hasWriteAccess } from '../../github/permissions.js';
import type { ModelRequest } from '../../model/model.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Agent } from '../../task/agent-file.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import { readRepositoryAgents } from '../../task/repository-agents.js';
import type { Settings } from '../../task/settings.js';
import type { Issue, Trigger } from '../../task/task.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';
import { buy } from '../run/control/buy-reply.js';
import { isPlanOnly } from './show-plan.js';

export interface AgentChoice {
  agent: Agent;
  /** Why this agent was chosen, in a few words for people; '' if there was only one agent. */
  reason: string;
}

/**
 * Chooses an agent from the operator's agents and, if the operator allows it, from the repository's own
 * agents.
 */
export async function chooseAgent(
  d: Dependencies,
  run: Run,
  settings: Settings,
  issue: Pick<Issue, 'title' | 'body'>,
  own: OwnAgents,
): Promise<AgentChoice> {
  const agents = [...d.agents, ...own.agents];
  const labels = { ...settings.labels, ...d.config.labels };
  const choice = selectAgent(run.trigger, agents, labels, settings.agent);
  if ('agent' in choice) return choice;
  if ('unknown' in choice) {
    const names = agents.map(({ name }) => name);
    const reason = {
      kind: 'unknown-agent' as const,
      name: choice.unknown,
      agents: names,
      faults: own.faults,
    };
    throw new RunEndedError({ kind: 'refusal', reason });
  }
  if (isPlanOnly(run)) return { agent: choice.fallback, reason: 'the default, because no agent works' };
  const model = d.findModel('haiku');
  const place = { runId: run.id, turn: 0, purpose: 'choice' as const };
  const ask = async (request: ModelRequest) => {
    const { result, attempt } = await buy(d, place, request, d.model.ask);
    return { ...result, attempt };
  };
  const { reply, name, failure } = await pickAgent({ ask }, model, agents, issue);
  if (reply) {
    const { attempt = 1, usage, dollars } = reply;
    await recordSpend(d.db, run.id, { ...place, attempt, model: model.id, ...usage, dollars });
  }
  const picked = agents.find((agent) => agent.name === name);
  return picked
    ? { agent: picked, reason: 'its description fits best' }
    : { agent: choice.fallback, reason: `the default, because ${failure}` };
}

/**
 * Selects the first of these agents: (1) the agent that the request names, (2) the agent that the label maps
 * to, (3) the agent that the settings name, (4) the only agent. If none of these is given, a model must
 * choose by the agents' descriptions.
 * @param labels maps labels to names of agents; contains the mappings of both the operator and the repository
 * @param usual the agent that the repository's settings name, or null
 * @returns the selected agent. `unknown` is the name of a selected agent that does not exist. A `fallback`
 * means that a model must choose. The fallback is the agent to use if the model makes no choice.
 */
export function selectAgent(
  trigger: Trigger,
  agents: readonly Agent[],
  labels: Readonly<Record<string, string>>,
  usual: string | null,
): AgentChoice | { unknown: string } | { fallback: Agent } {
  const find = (name: string, reason: string): AgentChoice | { unknown: string } => {
    const agent = agents.find((one) => one.name === name);
    return agent ? { agent, reason } : { unknown: name };
  };
  if (trigger.kind === 'command' && trigger.agent !== null) return find(trigger.agent, 'requested by name');
  if (trigger.kind === 'label') {
    const { label } = trigger;
    return find(agentOfLabel(labels, label) ?? label, `chosen by the label ${label}`);
  }
  if (usual !== null) return find(usual, "chosen by the repository's settings");
  const fallback = agents.find(({ name }) => name === Object.values(labels)[0]) ?? agents[0];
  if (!fallback) throw new Error('expected at least one agent; startup should have checked this');
  return agents.length === 1 ? { agent: fallback, reason: '' } : { fallback };
}

/** The agents in the files of a repository, if the operator allows them, and the faults of these files. */
export interface OwnAgents {
  agents: Agent[];
  faults: string[];
}

/**
 * Reads a mention of a colleague as part of the instructions: `/implement @ada knows why`. A name after the
 * command is usually that of an agent.
 */
export async function keepMention(d: Dependencies, run: Run, own: OwnAgents): Promise<Run> {
  const { trigger } = run;
  if (trigger.kind !== 'command' || trigger.agent === null) return run;
  const { agent: login, repository } = trigger;
  if ([...d.agents, ...own.agents].some(({ name }) => name === login)) return run;
  if (!(await hasWriteAccess(d.github, repository, { login }))) return run;
  const instructions = `@${login} ${trigger.instructions}`.trim();
  return { ...run, trigger: { ...trigger, agent: null, instructions } };
}

export async function readOwnAgents(d: Dependencies, { trigger }: Run, mirror: Mirror): Promise<OwnAgents> {
  const { allowed, tools } = d.config.repositoryAgents;
  const head = allowed ? await mirror.resolve(trigger.repository.defaultBranch) : null;
  if (!head) return { agents: [], faults: [] };
  return readRepositoryAgents(
    await mirror.listFiles(head.commit),
    (file) => mirror.readFile(head.commit, file),
    tools,
    d.agents.map(({ name }) => name),
  );
}
