import { type Config, ConfigError } from '../config/read-config.js';
import { type Agent, readAgents } from '../task/agent-file.js';

/**
 * Reads the agent files that the operator configured.
 * @throws ConfigError if an agent file is broken, or if a label is mapped to an agent that does not exist
 */
export async function loadAgents(config: Config): Promise<Agent[]> {
  const { agents, faults } = await readAgents(config.agentsFolder).catch((error: Error) => {
    throw new ConfigError([`PULLWRIGHT_AGENTS: ${error.message}`]);
  });
  const unknown = Object.entries(config.labels)
    .filter(([, name]) => !agents.some((agent) => agent.name === name))
    .map(
      ([label, name]) =>
        `PULLWRIGHT_LABELS: expected an agent from ${config.agentsFolder} for the label "${label}"; found "${name}"`,
    );
  if (faults.length + unknown.length > 0)
    throw new ConfigError([...faults.map(({ message }) => message), ...unknown]);
  return agents;
}
