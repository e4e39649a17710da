import { findModelFaults } from '../agent/find-model-faults.js';
import type { Config } from '../config/read-config.js';
import { createFindModel } from '../model/find-model.js';
import type { FindModel, Model } from '../model/models.js';
import { PriceFileError, readPriceFile } from '../model/read-price-file.js';
import { type Agent, readAgents } from '../task/agent-file.js';

/**
 * Checks agent files. Prints one line for each agent and each fault.
 * @param places files and folders
 * @param models the operator's settings about models
 * @returns the exit code: 1 if there is a fault or if a place has no agent files; 0 otherwise
 */
export async function checkAgents(
  places: readonly string[],
  models: Config['models'],
  print: (line: string) => void,
): Promise<number> {
  let code = 0;
  const printFault = (fault: string) => {
    print(fault);
    code = 1;
  };
  const findModel = await loadFindModel(models, printFault);
  for (const place of places) {
    try {
      const { agents, faults } = await readAgents(place);
      for (const agent of agents) {
        const found = findModelFaults(findModel, models, agent, new Date());
        for (const fault of found) printFault(fault);
        if (found.length === 0) print(describeAgent(agent, findModel(agent.model ?? models.default), models));
      }
      for (const { message } of faults) printFault(message);
      if (agents.length + faults.length === 0)
        printFault(`${place}: expected agent files (*.md); found none`);
    } catch (error) {
      printFault((error as Error).message);
    }
  }
  return code;
}

async function loadFindModel(
  models: Config['models'],
  printFault: (fault: string) => void,
): Promise<FindModel> {
  try {
    const { priceFile } = models;
    return createFindModel(priceFile === null ? [] : await readPriceFile(priceFile, models), models);
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    for (const fault of error.faults) printFault(`PULLWRIGHT_PRICES: ${fault}`);
    return createFindModel([], models);
  }
}

function describeAgent(agent: Agent, model: Model, { effort }: Config['models']): string {
  const { source, name, tools } = agent;
  const level = model.defaultEffort && `, effort ${agent.effort ?? effort ?? model.defaultEffort}`;
  return `${source}: ok, agent ${name}, model ${model.id}${level ?? ''}, tools ${tools?.join(', ') ?? 'all'}`;
}
