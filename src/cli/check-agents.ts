import { readAgents } from '../task/agent-file.js';

/**
 * Checks agent files. Prints one line for each agent and each fault.
 * @param places files and folders
 * @returns the exit code: 1 if there is a fault or if a place has no agent files; 0 otherwise
 */
export async function checkAgents(places: readonly string[], print: (line: string) => void): Promise<number> {
  let code = 0;
  const printFault = (fault: string) => {
    print(fault);
    code = 1;
  };
  for (const place of places) {
    try {
      const { agents, faults } = await readAgents(place);
      for (const { source, name, model, tools } of agents) {
        const limits = `model ${model ?? 'PULLWRIGHT_MODEL'}, tools ${tools?.join(', ') ?? 'all'}`;
        print(`${source}: ok, agent ${name}, ${limits}`);
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
