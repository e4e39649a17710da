import { isPriced, type Model } from '../../model/models.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Agent } from '../../task/agent-file.js';
import type { Settings } from '../../task/settings.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

type Needed = Pick<Dependencies, 'agents' | 'config' | 'findModel' | 'now'>;

/**
 * Returns the model and the budget of a task. A repository can request less time than the operator allows,
 * but never more.
 * @throws RunEndedError if the model has no known price, and the operator did not allow that
 */
export function taskLimits(d: Needed, agent: Agent, settings: Settings): Pick<Task, 'model' | 'budget'> {
  const { budget, models } = d.config;
  const name = agent.model ?? models.default;
  const model = d.findModel(name);
  const dollars = isPriced(model, d.now()) ? budget.dollars : null;
  if (dollars === null && !isAllowed(d, model)) {
    const reason = { kind: 'unpriced-model', agent: agent.name, source: agent.source, model: name } as const;
    throw new RunEndedError({ kind: 'refusal', reason });
  }
  const minutes = Math.min(budget.minutes, settings.timeouts.run);
  return { model: model.id, budget: { ...budget, dollars, minutes } };
}

/**
 * Returns whether a model may have no known price. The operator can allow this, but only for models that the
 * operator chose, and not for those of a repository's own agents.
 */
function isAllowed({ agents, config, findModel }: Needed, model: Model): boolean {
  const chosen = [config.models.default, ...agents.flatMap((agent) => agent.model ?? [])];
  return config.models.unpriced === 'allow' && chosen.some((name) => findModel(name).id === model.id);
}
