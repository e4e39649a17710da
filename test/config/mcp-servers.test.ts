import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readMcpServers } from '../../src/config/mcp-servers.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

async function read(text: string, variables: Record<string, string> = {}) {
  const file = path.join(folder.path, 'mcp-servers.yml');
  await writeFile(file, text);
  return readMcpServers(file, variables);
}

/** A reference to a variable. */
const value = (name: string) => `\${${name}}`;

test('without a file there are no servers', () => {
  expect(readMcpServers(null, {})).toEqual({ servers: {}, secrets: [] });
});

test('URLs and headers get values of variables, which are credentials like headers with such names', async () => {
  const text = JSON.stringify({
    mcpServers: {
      tracker: {
        type: 'http',
        url: `https://tracker.example/${value('TEAM')}/mcp`,
        headers: {
          Authorization: `Bearer ${value('TRACKER')}`,
          'X-Api-Key': 'literal-key',
          'X-Toolsets': 'issues',
        },
      },
      local: { command: 'npx' },
    },
  });
  const result = await read(text, { TEAM: 'team-of-ada', TRACKER: 'a-token-for-tests' });
  expect(result).toMatchObject({
    servers: {
      tracker: {
        url: 'https://tracker.example/team-of-ada/mcp',
        headers: { Authorization: 'Bearer a-token-for-tests', 'X-Toolsets': 'issues' },
      },
    },
    secrets: ['team-of-ada', 'a-token-for-tests', 'literal-key'],
  });
  expect(await read(text, { TEAM: 'x' })).toEqual({
    faults: ['MCP_SERVERS: tracker: expected a value for TRACKER; it is not set'],
  });
});

test.each([
  [
    'mcpServers:\n  a: "secret',
    /^MCP_SERVERS: expected YAML or JSON in .*mcp-servers.yml; line 2 is neither$/,
  ],
  ['servers: {}', /^MCP_SERVERS: expected an object `mcpServers` in .*mcp-servers.yml; found none$/],
  ['mcpServers: []', /expected an object `mcpServers`/],
  ['mcpServers: { a__b: { command: x } }', /^MCP_SERVERS: a__b: expected a name of at most 32 letters/],
  ['mcpServers: { a: { url: https://u:secret@x.example } }', /^MCP_SERVERS: a: type: expected http or sse$/],
])('%j is a fault, without values of the file', async (text, fault) => {
  const result = await read(text);
  expect('faults' in result ? result.faults : []).toEqual([expect.stringMatching(fault)]);
});

test('a server in the sandbox gets no variables', async () => {
  const text = JSON.stringify({ mcpServers: { local: { command: 'x', env: { KEY: value('KEY') } } } });
  expect(await read(text, { KEY: 'x' })).toEqual({
    faults: [expect.stringMatching(/^MCP_SERVERS: local: expected no variables, because the agent can read/)],
  });
});

test('a file that cannot be read is a fault', () => {
  expect(readMcpServers('/nonexistent/file', {})).toEqual({
    faults: [expect.stringMatching(/^MCP_SERVERS: expected a readable file.*ENOENT/)],
  });
});
