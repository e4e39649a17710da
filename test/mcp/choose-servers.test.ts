import { expect, test } from '@jest/globals';
import { chooseServers, type McpRules } from '../../src/mcp/choose-servers.js';

const rules: McpRules = {
  servers: { tracker: { type: 'stdio', command: 'x', args: [], env: {}, tools: ['search', 'read'] } },
  forRepositories: [],
};
const agentOf = (tools: string[] | null, requested: string[] | null = null, fromRepository = false) => ({
  tools,
  mcpServers: [{ name: 'tracker', tools: requested }],
  fromRepository,
});
const choose = (agent: ReturnType<typeof agentOf>, allowed = rules) => {
  const [choice] = chooseServers(agent, allowed);
  if (!choice || 'fault' in choice) return choice?.fault;
  return ['search', 'read', 'close'].filter(choice.isGranted);
};

test('a tool must be granted by the operator, by the request and by the tools of the agent', () => {
  expect(choose(agentOf(null))).toEqual(['search', 'read']);
  expect(choose(agentOf(null, ['search', 'close']))).toEqual(['search']);
  expect(choose(agentOf(['Bash', 'tracker/*'], ['search', 'close']))).toEqual(['search']);
  expect(choose(agentOf(['mcp__tracker__read', 'mcp__tracker__close']))).toEqual(['read']);
});

test('a server that the agent does not get has a reason', () => {
  expect(choose(agentOf(['Bash']))).toBe("the agent's `tools` do not name it");
  expect(choose(agentOf(null), { ...rules, servers: {} })).toBe(
    'the operator does not define it (MCP_SERVERS)',
  );
  const inherited = { ...agentOf(null), mcpServers: [{ name: 'constructor', tools: null }] };
  expect(chooseServers(inherited, rules)).toMatchObject([
    { fault: expect.stringMatching(/does not define/) },
  ]);
});

test('an agent of a repository gets only the servers that the operator lists for such agents', () => {
  const own = agentOf(null, null, true);
  expect(choose(own)).toBe('the operator does not allow it for agents of repositories');
  expect(choose(own, { ...rules, forRepositories: ['tracker'] })).toEqual(['search', 'read']);
});
