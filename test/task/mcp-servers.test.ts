import { describe, expect, test } from '@jest/globals';
import { parseAgentFile } from '../../src/task/agent-file.js';
import { grantsMcpServer, grantsMcpTool, parseMcpServer } from '../../src/task/mcp-servers.js';

const agentWith = (fields: string) =>
  parseAgentFile(`---\nname: a\ndescription: says: hello\n${fields}\n---\nwork`, 'a.md');

describe('the MCP servers of an agent file', () => {
  test('are read as GitHub Copilot writes them', () => {
    const { mcpServers, tools } = agentWith(`tools: ['read', 'custom/tool-1']
mcp-servers:
  custom:
    type: 'local'
    command: 'some-command'
    args: ['--arg1', '--arg2']
    tools: ["*"]
    env:
      KEY: \${{ secrets.COPILOT_MCP_KEY }}
  docs:
    type: sse
    url: https://docs.example.org/sse
    tools: [search]`);
    expect(tools).toEqual(['read', 'custom/tool-1']);
    expect(mcpServers).toEqual([
      { name: 'custom', tools: null },
      { name: 'docs', tools: ['search'] },
    ]);
  });

  test('are read as Claude Code writes them', () => {
    const { mcpServers } = agentWith(`mcpServers:
  # Inline definition
  - playwright:
      type: stdio
      command: npx
      args: ["-y", "@playwright/mcp@latest"]
  - github`);
    expect(mcpServers).toEqual([
      { name: 'playwright', tools: null },
      { name: 'github', tools: null },
    ]);
    expect(agentWith('mcpServers: [github]').mcpServers).toEqual([{ name: 'github', tools: null }]);
    expect(agentWith('model: sonnet').mcpServers).toEqual([]);
  });

  test('`*` grants all tools', () => {
    expect(agentWith("tools: ['*']").tools).toBeNull();
  });

  const expected = 'expected names of servers, or servers with a `command` or a `url`';
  test.each([
    ['mcp-servers: 3', `a.md:4: mcp-servers: ${expected}; found 3`],
    ['mcp-servers:\n  x: {type: stdio}', `a.md:4: mcp-servers: ${expected}; found {"x":{"type":"stdio"}}`],
    ['mcpServers:\n  - x: 3', `a.md:4: mcpServers: ${expected}; found [{"x":3}]`],
    ['mcpServers:\n  - x: {command: y, tools: all}', `a.md:4: mcpServers: ${expected}; found`],
    ['mcpServers:\n  - ""', `a.md:4: mcpServers: ${expected}; found [""]`],
  ])('%j is refused with the line and the reason', (fields, message) => {
    expect(() => agentWith(fields)).toThrow(message);
  });
});

describe('the tools that an agent file grants', () => {
  test.each([
    [null, true, true],
    [['mcp__tracker'], true, true],
    [['mcp__tracker__*'], true, true],
    [['Tracker/*'], true, true],
    [['Bash', 'mcp__tracker__search'], true, true],
    [['tracker/search'], true, true],
    [['mcp__tracker__close', 'tracker/close'], true, false],
    [['Bash', 'mcp__track', 'mcp__other__search', 'search'], false, false],
  ])('%j', (names, server, tool) => {
    expect(grantsMcpServer(names, 'tracker')).toBe(server);
    expect(grantsMcpTool(names, 'tracker', 'search')).toBe(tool);
  });
});

describe("the operator's definition of a server", () => {
  test('gets its defaults', () => {
    expect(parseMcpServer({ command: 'npx' })).toEqual({
      server: { type: 'stdio', command: 'npx', args: [], env: {}, tools: null },
    });
    expect(
      parseMcpServer({ type: 'streamable-http', url: 'https://a.example/mcp', tools: ['search'] }),
    ).toEqual({
      server: { type: 'http', url: 'https://a.example/mcp', headers: {}, private: false, tools: ['search'] },
    });
  });

  test.each([
    ['npx', 'expected a program, or a `url` instead'],
    [{}, 'command: expected a program, or a `url` instead'],
    [{ command: 'x', args: 'y' }, 'args: expected a list of texts'],
    [{ command: 'x', env: { A: 1 } }, 'env.A: expected a text'],
    [{ type: 'http', command: 'x' }, 'type: expected stdio or local'],
    [{ command: 'x', timeout: 3 }, 'expected no field `timeout`'],
    [{ url: 'https://a.example' }, 'type: expected http or sse'],
    [{ type: 'http', url: 'ftp://a.example' }, 'url: expected an http:// or https:// URL'],
    [{ type: 'sse', url: 'https://ada:pass@a.example' }, 'url: expected no user or password; use `headers`'],
    [{ type: 'sse', url: 'http://a.example' }, 'url: expected https://, because `private: true` is not set'],
    [
      { type: 'sse', url: 'https://a.example', headers: ['x'] },
      'headers: expected pairs of a name and a text',
    ],
  ])('%j is refused', (value, fault) => {
    expect(parseMcpServer(value)).toEqual({ fault });
  });
});
