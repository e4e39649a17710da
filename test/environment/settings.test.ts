import { describe, expect, test } from '@jest/globals';
import { applyServices } from '../../src/environment/environment-settings.js';
import { parseSettings } from '../../src/task/settings.js';
import { ci, describeFiles } from './tree.js';

const files = {
  [ci]: `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    env: {A: "1", B: "2"}
    services:
      db: {image: "postgres:14", env: {POSTGRES_PASSWORD: pw}, ports: ["5433:5432"]}
      cache: {image: "redis:6"}
    steps: [{uses: actions/setup-node@v4, with: {node-version: 20}}, {run: npm run build}, {run: npm test, working-directory: api}]
`,
};
async function describeWith(text: string) {
  const parsed = parseSettings(text);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return describeFiles(files, parsed.settings);
}

const settingOf = (text: string) => {
  const [name = '', image = ''] = text.split(' ');
  return { name, image, env: {}, ports: [] };
};
const serviceOf = (text: string) => {
  const [service] = applyServices([], [settingOf(text)]);
  if (!service) throw new Error(text);
  return service;
};

describe('settings overrule what was found', () => {
  test('services, by kind: what the settings do not say stays', async () => {
    const { services } = await describeWith('services: [postgres:17]');
    expect(services).toMatchObject([
      { name: 'cache', version: '6' },
      {
        name: 'db',
        image: 'postgres:17',
        hosts: ['db'],
        ports: [5432, 5433],
        variables: { POSTGRES_PASSWORD: 'pw' },
      },
    ]);
  });
  test('services, by name', async () => {
    const { services } = await describeWith(
      'services: {cache: {image: valkey/valkey:8, ports: [6380]}, search: opensearchproject/opensearch:2}',
    );
    expect(services).toMatchObject([
      { name: 'db' },
      { name: 'cache', image: 'valkey/valkey:8', ports: [6379, 6380] },
      { name: 'search', kind: 'elasticsearch', source: '.github/pullwright.yml' },
    ]);
  });
  test.each([
    [['db postgres:14'], ['db postgres:16', 'analytics postgres:15']],
    [[], ['db postgres:16', 'analytics postgres:15']],
    [['analytics postgres:14'], ['db postgres:16', 'analytics postgres:15']],
    [['db postgres:14'], ['search postgres:16', 'db postgres:15']],
  ])('two of one kind, where %j was found: %j', (found, given) => {
    const services = applyServices(found.map(serviceOf), given.map(settingOf));
    expect(services.map(({ name, image }) => `${name} ${image}`)).toEqual(given);
  });
  test('services of the same kind that no setting names stay beside one that a setting names', () => {
    const found = ['primary redis:6', 'replica redis:6'].map(serviceOf);
    const services = applyServices(found, [settingOf('replica redis:7')]);
    expect(services).toMatchObject([
      { name: 'primary', image: 'redis:6' },
      { name: 'replica', image: 'redis:7' },
    ]);
  });
  test.each(['services: none', 'services: []'])('%s turns them off', async (text) => {
    expect((await describeWith(text)).services).toEqual([]);
  });
  test('variables and toolchains, each by its name', async () => {
    const { variables, toolchains, found } = await describeWith(
      'env: {B: 3, C: true}\ntoolchains: {node: 22, python: "3.10"}',
    );
    expect(variables).toEqual({ A: '1', B: '3', C: 'true' });
    expect(toolchains).toMatchObject([
      { name: 'node', version: '22', source: '.github/pullwright.yml' },
      { name: 'python', version: '3.10' },
    ]);
    expect(found).toContain('Node 22 and Python 3.10 from .github/pullwright.yml');
  });
});
