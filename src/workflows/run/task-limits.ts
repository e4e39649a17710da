import { findEffortFault } from '../../model/find-effort-fault.js';
import { isPriced, type Model } from '../../model/models.js';
import type { Effort } from '../../runs/effort.js';
import { RunEndedError } from '../../runs/outcome.js';
import { settingsPath } from '../../task/settings.js';
import type { Task, Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

type Needed = Pick<Dependencies, 'agents' | 'config' | 'findModel' | 'now'>;

/**
 * Returns the model, its effort and the budget of a task. A repository can request less time than the
 * operator allows, but never more.
 * @param earlier the effort of the run whose conversation this task continues; otherwise null
 * @throws RunEndedError if the model has no known price and the operator did not allow that, or if the model
 * does not accept the effort
 */
export function taskLimits(
  d: Needed,
  trigger: Trigger,
  task: Pick<Task, 'agent' | 'settings'>,
  earlier: Effort | null,
): Pick<Task, 'model' | 'effort' | 'budget'> {
  const { budget, models } = d.config;
  const { name: agent, source, model: named } = task.agent;
  const model = d.findModel(named ?? models.default);
  const dollars = isPriced(model, d.now()) ? budget.dollars : null;
  if (dollars === null && !isAllowed(d, model)) {
    const reason = { kind: 'unpriced-model', agent, source, model: named ?? models.default } as const;
    throw new RunEndedError({ kind: 'refusal', reason });
  }
  const minutes = Math.min(budget.minutes, task.settings.timeouts.run);
  const effort = chooseEffort(d, model, trigger, task, earlier);
  return { model: model.id, effort, budget: { ...budget, dollars, minutes } };
}

/**
 * Returns whether a model may have no known price. The operator can allow this, but only for models that the
 * operator chose, and not for those of a repository's own agents.
 */
function isAllowed({ agents, config, findModel }: Needed, model: Model): boolean {
  const chosen = [config.models.default, ...agents.flatMap((agent) => agent.model ?? [])];
  return config.models.unpriced === 'allow' && chosen.some((name) => findModel(name).id === model.id);
}

/**
 * Chooses the effort. The request comes first, then the agent, the repository and the operator. A
 * conversation that continues keeps its effort, because another one would make the model's cache useless.
 */
function chooseEffort(
  { config }: Needed,
  model: Model,
  trigger: Trigger,
  { agent, settings }: Pick<Task, 'agent' | 'settings'>,
  earlier: Effort | null,
): Effort | null {
  const requested = trigger.kind === 'command' ? trigger.effort : null;
  if (requested === null && earlier !== null && model.efforts.includes(earlier)) return earlier;
  // The repository and the operator choose for many agents. The models of some may have no levels of effort.
  const general =
    model.efforts.length > 0 ? { repository: settings.effort, operator: config.models.effort } : null;
  const wish = [
    { where: "the command's `--effort`", effort: requested },
    { where: `\`effort\` in ${agent.source}`, effort: agent.effort },
    { where: `\`effort\` in ${settingsPath}`, effort: general?.repository ?? null },
    { where: "the server's PULLWRIGHT_EFFORT", effort: general?.operator ?? null },
  ].find(({ effort }) => effort !== null);
  if (!wish?.effort) return model.defaultEffort;
  const fault = findEffortFault(model, wish.effort);
  if (fault === null) return wish.effort;
  const reason = { kind: 'invalid-effort', where: wish.where, fault } as const;
  throw new RunEndedError({ kind: 'refusal', reason });
}
