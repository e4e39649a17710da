import { type FindModel, isPriced } from './models.js';

/**
 * Returns why a model must not be used: no limit in dollars could hold for its runs. Null if its price is
 * known. The text completes a line such as `PULLWRIGHT_MODEL: expected …`.
 * @param name the alias or id, as somebody wrote it
 */
export function findPriceFault(findModel: FindModel, name: string, at: Date): string | null {
  if (isPriced(findModel(name), at)) return null;
  return (
    `expected sonnet, opus, haiku, fable or the id of a model with a known price; found "${name}". ` +
    'Add its price to the file of PULLWRIGHT_PRICES, or set UNPRICED_MODELS=allow if its runs need no limit in ' +
    'dollars'
  );
}
