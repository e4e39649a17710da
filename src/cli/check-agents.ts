import { readAgents } from '../task/agent-file.js';

/**
 * Checks agent files from the shell.
 * @returns the exit code: 0 when every file is sound, 1 for a fault, 64 for a wrong call
 */
export async function checkAgents(places: readonly string[], print: (line: string) => void): Promise<number> {
  if (places.length === 0) {
    print('usage: npm run check-agents -- <file or folder>…');
    return 64;
  }
  let code = 0;
  for (const place of places) {
    try {
      const { agents, faults } = await readAgents(place);
      for (const { source, name, model, tools } of agents)
        print(
          `${source}: ok, agent ${name}, model ${model ?? "the operator's"}, tools ${tools?.join(', ') ?? 'all'}`,
        );
      for (const fault of faults) print(fault.message);
      if (agents.length + faults.length === 0) print(`${place}: expected agent files (*.md); found none`);
      if (faults.length > 0 || agents.length === 0) code = 1;
    } catch (error) {
      print((error as Error).message);
      code = 1;
    }
  }
  return code;
}
