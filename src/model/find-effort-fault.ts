import type { Effort } from '../runs/effort.js';
import type { Model } from './models.js';

/** Returns a clause such as `expected …; found …` if the model does not accept the effort; otherwise null. */
export function findEffortFault(model: Model, effort: Effort): string | null {
  if (model.efforts.includes(effort)) return null;
  const expected =
    model.efforts.length > 0
      ? `one of ${model.efforts.join(', ')} for the model ${model.id}`
      : `none, because no levels of effort are known for the model ${model.id}`;
  return `expected ${expected}; found "${effort}"`;
}
