import { type Config, ConfigError } from '../config/read-config.js';
import { createFindModel } from '../model/find-model.js';
import { findPriceFault } from '../model/find-price-fault.js';
import type { FindModel } from '../model/models.js';
import { PriceFileError, readPriceFile } from '../model/read-price-file.js';
import type { Agent } from '../task/agent-file.js';

/**
 * Reads the operator's price file, and checks that the price of every model that the operator chose is known.
 * @throws ConfigError
 */
export async function loadModels(
  { models }: Pick<Config, 'models'>,
  agents: readonly Agent[],
  now: Date,
): Promise<FindModel> {
  const listed = models.priceFile === null ? [] : await readPriceFile(models.priceFile).catch(toConfigError);
  const findModel = createFindModel(listed);
  if (models.unpriced === 'allow') return findModel;
  const chosen = [
    ['PULLWRIGHT_MODEL', models.default] as const,
    ...agents.map(({ source, model }) => [`${source}: model`, model] as const),
  ];
  const faults = chosen.flatMap(([where, name]) => {
    const fault = name === null ? null : findPriceFault(findModel, name, now);
    return fault === null ? [] : [`${where}: ${fault}`];
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return findModel;
}

function toConfigError(error: unknown): never {
  if (error instanceof PriceFileError)
    throw new ConfigError(error.faults.map((fault) => `PULLWRIGHT_PRICES: ${fault}`));
  throw error;
}
