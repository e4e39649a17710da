import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Call, createFile, minimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const openApi = (...properties: string[]) => `openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /orders:
    get:
      responses:
        '200':
          description: All orders
          content:
            application/json:
              schema:
                type: object
                properties: { ${properties.map((name) => `${name}: { type: string }`).join(', ')} }
`;
const write = (...properties: string[]) => createFile('openapi.yaml', openApi(...properties));
const submit = (more: Record<string, unknown> = {}): Call => [
  'submit',
  { title: 'Rename the total', summary: 'It is called sum now.', ...more },
];
const files = { ...minimalProject, 'openapi.yaml': openApi('id', 'total') };

test('a breaking change of an API returns once, unless the agent names it, and the requester is asked', async () => {
  const { outcome, pulls, name, run } = await runIssue(world, {
    files,
    turns: [
      { calls: [write('id', 'sum'), submit()] },
      {
        expect: [
          'your change breaks the API for its clients, and your submission names no changed endpoint.',
          '- openapi.yaml: GET /orders, response 200: total is removed',
        ],
        calls: [submit({ endpoints: ['GET /orders returns sum in place of total'] })],
      },
    ],
  });
  expect(outcome.kind).toBe('pull-request');
  const body = pulls[0]?.body ?? '';
  expect(body).toMatch(/^\*\*.*1 breaking API change\.\*\*\n/);
  expect(body).toContain('> [!IMPORTANT]\n> This change breaks an API. @ada, is that wanted?');
  expect(body).toContain(
    '<details open><summary>⚠️ API: 1 breaking, 1 compatible</summary>\n\nCompared with the base commit: `openapi.yaml`.\n\n**⚠️ Breaking: clients may fail** (1)\n\n- `GET /orders, response 200: total is removed`\n\n**Compatible** (1)\n\n- `GET /orders, response 200: sum is new`\n\n</details>',
  );
  expect(world.github.checkRuns(name)).toMatchObject([{ conclusion: 'neutral' }]);
  expect(await run.events()).toContainEqual(
    expect.objectContaining({ type: 'api-compared', breaking: 1, dangerous: 0, compatible: 1 }),
  );
});

test('a compatible change is no bad news', async () => {
  const { outcome, pulls } = await runIssue(world, {
    files,
    turns: [{ calls: [write('id', 'total', 'state'), submit()] }],
  });
  expect(outcome.kind).toBe('pull-request');
  expect(pulls[0]?.body).toMatch(/^\*\*.*no breaking API change\.\*\*\n/);
  expect(pulls[0]?.body).toContain('<details><summary>API: 1 compatible</summary>');
  expect(pulls[0]?.body).not.toContain('[!IMPORTANT]');
});
