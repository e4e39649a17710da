import type { Agent } from '../../task/agent-file.js';
import type { Settings } from '../../task/settings.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/**
 * The model and budget of a task. A repository may ask for less time than the operator allows, never for
 * more.
 */
export function taskLimits(
  { config, modelOf }: Pick<Dependencies, 'config' | 'modelOf'>,
  agent: Agent,
  settings: Settings,
): Pick<Task, 'model' | 'budget'> {
  const minutes = Math.min(config.budget.minutes, settings.timeouts.run);
  return { model: modelOf(agent).id, budget: { ...config.budget, minutes } };
}
