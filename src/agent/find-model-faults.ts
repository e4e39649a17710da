import { findEffortFault } from '../model/find-effort-fault.js';
import { findPriceFault } from '../model/find-price-fault.js';
import type { FindModel } from '../model/models.js';
import type { Effort } from '../runs/effort.js';
import type { Agent } from '../task/agent-file.js';

/** The operator's settings about models. */
export interface ModelSettings {
  /** Alias or id of the model for agents that name no model. */
  default: string;
  unpriced: 'refuse' | 'allow';
  effort: Effort | null;
}

/**
 * Finds out whether an agent can work with its model: the price of the model must be known, and the model
 * must accept the effort.
 * @param agent null checks the default model
 * @returns a line for each fault, which begins with the place to change
 */
export function findModelFaults(
  findModel: FindModel,
  settings: ModelSettings,
  agent: Pick<Agent, 'source' | 'model' | 'effort'> | null,
  at: Date,
): string[] {
  const name = agent?.model ?? settings.default;
  const model = findModel(name);
  const named = agent?.model ? `${agent.source}: model` : 'PULLWRIGHT_MODEL';
  const price = settings.unpriced === 'allow' ? null : findPriceFault(findModel, name, at);
  if (price !== null) return [`${named}: ${price}`];
  const own = agent?.effort ?? null;
  // The operator's effort is for all agents. Models without levels of effort do not get it.
  const effort = own ?? (model.efforts.length > 0 ? settings.effort : null);
  const fault = effort === null ? null : findEffortFault(model, effort);
  if (fault === null) return [];
  return [`${own === null ? 'PULLWRIGHT_EFFORT' : `${agent?.source}: effort`}: ${fault}`];
}
