import { findModelFaults } from '../agent/find-model-faults.js';
import { type Config, ConfigError } from '../config/read-config.js';
import { createFindModel } from '../model/find-model.js';
import type { FindModel } from '../model/models.js';
import { PriceFileError, readPriceFile } from '../model/read-price-file.js';
import type { Agent } from '../task/agent-file.js';

/**
 * Reads the operator's price file, and checks the models and efforts that the operator chose.
 * @throws ConfigError
 */
export async function loadModels(
  { models }: Pick<Config, 'models'>,
  agents: readonly Agent[],
  now: Date,
): Promise<FindModel> {
  const { priceFile } = models;
  const listed = priceFile === null ? [] : await readPriceFile(priceFile, models).catch(toConfigError);
  const findModel = createFindModel(listed, models);
  const faults = [null, ...agents].flatMap((agent) => findModelFaults(findModel, models, agent, now));
  if (faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return findModel;
}

function toConfigError(error: unknown): never {
  if (error instanceof PriceFileError)
    throw new ConfigError(error.faults.map((fault) => `PULLWRIGHT_PRICES: ${fault}`));
  throw error;
}
