import { expect, test } from '@jest/globals';
import { ci, describeFiles, describeJobs, job, step } from './tree.js';

test('ports that cannot be read are named, in CI, in compose files and of docker run', async () => {
  const { services, unclear } = await describeJobs(
    `  test:
    runs-on: ubuntu-latest
    services:
      db: {image: "postgres:16", ports: ["54321:5432", "70000:5432", "\${{ needs.x.outputs.port }}:5432"]}
    steps:
${step('run: docker run -d -p x:6379 --name cache redis:7', 'run: npm test')}`,
  );
  expect(services).toMatchObject([
    { name: 'db', ports: [5432, 54321] },
    { name: 'cache', ports: [6379] },
  ]);
  const left = (port: string, name: string, source = ci) =>
    `${source}: the port \`${port}\` of the service ${name} was left out, because it is no single port from 1 to 65535.`;
  expect(unclear).toEqual([left('70000:5432', 'db'), left('…:5432', 'db'), left('x:6379', 'cache')]);

  const local = await describeFiles({
    'compose.yml': `services:
  db: {image: "postgres:16", ports: ["5432-5440:5432", "127.0.0.1::5432", "\${UNSET}:5432"]}
`,
  });
  expect(local.services).toMatchObject([{ name: 'db', ports: [5432] }]);
  expect(local.unclear).toEqual([left('5432-5440:5432', 'db', 'compose.yml')]);
});

test('two kinds of servers with one name are two', async () => {
  const { services } = await describeFiles({
    '.github/workflows/copilot-setup-steps.yml': `on: workflow_dispatch
jobs:
  copilot-setup-steps:
    runs-on: ubuntu-latest
    services: {db: {image: "mysql:8"}}
    steps: [{run: npm ci}]
`,
    [ci]: `on: push
jobs:
${job('test', 'run: npm test').replace('    steps:', '    services: {db: {image: "postgres:16"}, db-2: {image: "redis:7"}}\n    steps:')}`,
  });
  expect(services.map(({ name, kind, hosts }) => `${name} ${kind} ${hosts}`)).toEqual([
    'db mysql db',
    'db-2 postgres db',
    'db-2-2 redis db-2',
  ]);
});
