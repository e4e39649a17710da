import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../../support/find-processes.js';
import { type McpStub, startMcpStub } from '../../support/mcp-stub.js';
import { minimalProject, runAndSubmit } from '../../support/sample-projects.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

const modules = path.resolve('node_modules');
const token = 'mcp-token-of-the-operator-for-tests-only';
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let stub: McpStub;
let world: World;

/** Servers that a file from elsewhere defines. Only their names and their lists of tools count here. */
const agentFile = `---
name: backend-developer
description: Backend work.
mcp-servers:
  everything:
    type: local
    command: npx
    args: [-y, another-package]
    tools: [echo, get-tiny-image]
  tracker:
    type: http
    url: https://elsewhere.example/mcp
    headers: { Authorization: "Bearer \${{ secrets.COPILOT_MCP_TRACKER }}" }
  broken: { command: x }
  unknown: { command: npx, args: [unknown-server] }
---
Do backend work.
`;

/** The server's package is installed by the repository's set-up, as `npm ci` would do it. */
const project = {
  ...minimalProject,
  '.gitignore': 'node_modules\n',
  '.github/pullwright.yml': `setup: [ln -s "${modules}" node_modules]\n`,
};

beforeAll(async () => {
  folder = await createTemporaryFolder();
  stub = await startMcpStub(token);
  const file = (name: string) => path.join(folder.path, name);
  await writeFile(file('backend-developer.md'), agentFile);
  const mcpServers = {
    everything: { command: 'npx', args: ['mcp-server-everything'] },
    tracker: {
      type: 'http',
      url: `${stub.url}/mcp`,
      private: true,
      headers: { Authorization: `Bearer \${TRACKER_ACCESS}` },
      tools: ['whoami'],
    },
    broken: { command: 'bash', args: ['-c', 'echo "ask @ada" >&2; exit 7'] },
  };
  await writeFile(file('mcp-servers.json'), JSON.stringify({ mcpServers }));
  world = await startWorld({
    PULLWRIGHT_AGENTS: file('backend-developer.md'),
    MCP_SERVERS: file('mcp-servers.json'),
    TRACKER_ACCESS: token,
    SANDBOX_TOOL_PATHS: modules,
  });
});

afterAll(async () => {
  await world.stop();
  await stub.stop();
  await folder.remove();
});

const requestsOf = (title: string) =>
  world.model.requests
    .map(({ body }) => body)
    .filter((body) => JSON.stringify(body.messages[0]).includes(title));
const serverProcesses = () => findProcesses('server-everything');

describe('the MCP servers of an agent', () => {
  test('give the model tools, whose results reach it; a server that fails is named, and the run goes on', async () => {
    const { outcome, comment, title, run } = await runIssue(world, {
      files: project,
      turns: [
        {
          expect: ['These MCP servers are not available', 'broken: it ended with exit code 7: ask @ada'],
          calls: [
            ['mcp__everything__echo', { message: 'hello Ada' }],
            ['mcp__everything__get-tiny-image', {}],
            ['mcp__tracker__whoami', {}],
          ],
        },
        {
          expect: ['Echo: hello Ada', '[image 1]', 'image/png', 'You sent'],
          ...runAndSubmit("echo 'hello Ada' > greeting.txt")[0],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    const requests = requestsOf(title);
    expect(requests[0]?.tools?.map(({ name }) => name).filter((name) => name.startsWith('mcp__'))).toEqual([
      'mcp__everything__echo',
      'mcp__everything__get-tiny-image',
      'mcp__tracker__whoami',
    ]);
    expect(comment).toContain('- MCP server `everything`: 2 tools');
    expect(comment).toContain('- MCP server `tracker`: 1 tool\n');
    expect(comment).toContain('**MCP server `broken` is not available:** it ended with exit code 7: ask @');
    expect(comment).not.toContain('@ada');
    expect(comment).toContain('**MCP server `unknown` is not available:** the operator does not define it');

    // The host sent the credential to the server, which quoted it. Nobody else got it.
    expect(stub.accepted).toContain('POST /mcp');
    expect(JSON.stringify(requests)).toContain('You sent \\"Bearer [redacted]\\"');
    const tables = await world.database.query('select output from dbos.operation_outputs');
    for (const text of [requests, await run.events(), tables, world.app.log])
      expect(JSON.stringify(text)).not.toContain(token);

    await run.ended();
    expect(await serverProcesses()).toEqual([]);
  });

  test('do not outlive a killed app, and are started again after a restart', async () => {
    const echo = ['mcp__everything__echo', { message: 'again' }] as [string, { message: string }];
    const issue = await world.prepareIssue({
      files: project,
      turns: [
        { calls: [echo] },
        { calls: [echo] },
        {
          expect: ['server was started again', 'Echo: again'],
          ...runAndSubmit('echo Ada > greeting.txt')[0],
        },
      ],
    });
    const { run, release } = await world.labelAndHold(issue, 2);
    expect(await serverProcesses()).not.toEqual([]);
    await world.app.kill();
    await waitFor('the server to end', world, async () => (await serverProcesses()).length === 0);
    release();
    await world.startAgain();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(requestsOf(issue.title).map(({ tools }) => JSON.stringify(tools))).toEqual(
      Array(4).fill(JSON.stringify(requestsOf(issue.title)[0]?.tools)),
    );
    await run.ended();
    expect(await serverProcesses()).toEqual([]);
  });
});
