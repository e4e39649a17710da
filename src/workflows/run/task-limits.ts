import type { Agent } from '../../task/agent-file.js';
import type { Settings } from '../../task/settings.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Returns the model and the budget of a task. A repository can request less time than the operator allows,
 * but never more.
 */
export function taskLimits(
  { config, findModel }: Pick<Dependencies, 'config' | 'findModel'>,
  agent: Agent,
  settings: Settings,
): Pick<Task, 'model' | 'budget'> {
  const minutes = Math.min(config.budget.minutes, settings.timeouts.run);
  return { model: findModel(agent.model ?? config.model).id, budget: { ...config.budget, minutes } };
}
