import { describe, expect, test } from '@jest/globals';
import { namesLabel, parseSettings } from '../../src/task/settings.js';

const faultsOf = (text: string) => {
  const parsed = parseSettings(text, 'p.yml');
  return 'faults' in parsed ? parsed.faults : [];
};

describe('parseSettings', () => {
  test.each([null, '', '# nothing\n'])('fills in every default for %j', (text) => {
    expect(parseSettings(text)).toEqual({
      settings: {
        labels: {},
        agent: null,
        effort: null,
        baseBranch: null,
        setup: null,
        setupAdds: [],
        test: null,
        services: null,
        migrations: null,
        env: {},
        toolchains: {},
        timeouts: { setup: 10, test: 10, mutations: 2, command: 5, run: Number.MAX_SAFE_INTEGER },
        coverage: true,
        queries: true,
        mutations: 20,
        egress: null,
        protectedPaths: [],
        secrets: { allow: [] },
        assignRequester: false,
        resolveThreads: false,
        draft: 'when-failing',
      },
    });
  });

  test('reads every field, and converts times to minutes', () => {
    const text = `labels: {api: backend-developer}
agent: painter
effort: xhigh
baseBranch: trunk
setup: [npm ci]
test: npm test
services: [postgres:16]
migrations: {folder: ./db/, up: make up}
env: {DEBUG: 1}
toolchains: {node: 22}
timeouts: {setup: 90s, test: 2m, mutations: 30s, command: 1h, run: 30m}
coverage: false
queries: false
mutations: 0
egress: [pkgs.example.org]
protectedPaths: [infra/**]
secrets: {allow: [fixtures/**]}
assignRequester: true
resolveThreads: true
draft: always
`;
    expect(parseSettings(text)).toEqual({
      settings: {
        labels: { api: 'backend-developer' },
        agent: 'painter',
        effort: 'xhigh',
        baseBranch: 'trunk',
        setup: ['npm ci'],
        setupAdds: [],
        test: [{ name: null, folder: '', command: 'npm test' }],
        services: [{ name: null, image: 'postgres:16', env: {}, ports: [] }],
        migrations: { folder: 'db', up: 'make up', down: null, seed: null },
        env: { DEBUG: '1' },
        toolchains: { node: '22' },
        timeouts: { setup: 1.5, test: 2, mutations: 0.5, command: 60, run: 30 },
        coverage: false,
        queries: false,
        mutations: 0,
        egress: ['pkgs.example.org'],
        protectedPaths: ['infra/**'],
        secrets: { allow: ['fixtures/**'] },
        assignRequester: true,
        resolveThreads: true,
        draft: 'always',
      },
    });
  });

  test('keeps the other defaults when only one timeout is set', () => {
    expect(parseSettings('timeouts: {test: 20m}')).toMatchObject({
      settings: { timeouts: { setup: 10, test: 20, command: 5 } },
    });
  });

  test.each([
    ['setup: {add: [make db]}', { setup: null, setupAdds: ['make db'] }],
    ['setup: []', { setup: [], setupAdds: [] }],
    [
      'test: [{command: npm test, folder: ./api/}, {name: worker, folder: worker, command: pytest}]',
      {
        test: [
          { name: null, folder: 'api', command: 'npm test' },
          { name: 'worker', folder: 'worker', command: 'pytest' },
        ],
      },
    ],
    ['services: none', { services: [] }],
    ['services: []', { services: [] }],
    [
      'services: {db: {image: postgres:16, env: {POSTGRES_DB: x}, ports: [5432, "5433:5432"]}, cache: redis:7}',
      {
        services: [
          { name: 'db', image: 'postgres:16', env: { POSTGRES_DB: 'x' }, ports: ['5432', '5433:5432'] },
          { name: 'cache', image: 'redis:7', env: {}, ports: [] },
        ],
      },
    ],
    ['toolchains: {node: 22, python: "3.10"}', { toolchains: { node: '22', python: '3.10' } }],
    ['setup: npm ci', { setup: ['npm ci'], setupAdds: [] }],
    ['env: {A: 1, B: true, C: x}', { env: { A: '1', B: 'true', C: 'x' } }],
  ])('reads what tests need from %j', (text, settings) => {
    expect(parseSettings(text)).toMatchObject({ settings });
  });

  test.each([
    ['toolchains: {python: 3.10}', 'p.yml: toolchains.python', 'in quotes', /^3\.1$/],
    ['toolchains: {perl: 5}', 'p.yml: toolchains.perl', 'one of node, python, go', /perl|5/],
    ['toolchains: node', 'p.yml: toolchains', 'pairs of a toolchain and its version', /"node"/],
    ['env: {A: [1]}', 'p.yml: env.A', 'a text, a number, true or false', /\[1\]/],
    ['env: {"A B": x}', 'p.yml: env.A B', 'the name of a variable', /"x"/],
    ['services: 5', 'p.yml: services', '`none`, a list of images such as postgres:16', /^5$/],
    ['services: ["-x"]', 'p.yml: services.0', 'an image such as postgres:16', /"-x"/],
    ['services: {db: {img: x}}', 'p.yml: services.db.img', 'one of image, env, ports', /"img"/],
    ['services: {db: {env: {}}}', 'p.yml: services.db.image', 'an image such as postgres:16', /nothing/],
    [
      'services: {db: {image: x, volumes: []}}',
      'p.yml: services.db.volumes',
      'one of image, env, ports',
      /"volumes"/,
    ],
    ['services: {db: {image: x, ports: [a]}}', 'p.yml: services.db.ports.0', 'a port such as 5432', /"a"/],
    ['setup: {added: [x]}', 'p.yml: setup.added', 'one of add', /added/],
    [
      'test: [{folder: ../x, command: a}]',
      'p.yml: test.0.folder',
      'a folder relative to the root',
      /"\.\.\/x"/,
    ],
    ['test: [{name: a}]', 'p.yml: test.0.command', 'a shell command', /nothing/],
    ['test: []', 'p.yml: test', 'a list of at least one command', /\[\]/],
    ['test: 5', 'p.yml: test', 'a shell command of 1 to 2000 characters, or a list', /^5$/],
    ['test: [', 'p.yml:1', 'YAML', /Flow sequence/],
    ['draft: always\ntest: "sh\n', 'p.yml:3', 'YAML', /Missing closing/],
    ['test: *nowhere', 'p.yml:1', 'YAML', /Unresolved alias/],
    ['env: {A: "x\\0"}', 'p.yml: env.A', 'a text without NUL', /x/],
    ['['.repeat(100_000), 'p.yml:1', 'YAML', /^it is nested too deeply$/],
    ['setup: &itself [*itself]', 'p.yml:1', 'YAML', /circular/],
    ['- a', 'p.yml', 'a map of settings', /\["a"\]/],
    ['tests: npm test', 'p.yml: tests', 'one of labels, agent, effort, baseBranch', /unknown name "tests"/],
    ['timeouts: {test: 5}', 'p.yml: timeouts.test', 'a time such as 90s, 10m or 1h', /^5$/],
    [
      'timeouts: {tests: 5m}',
      'p.yml: timeouts.tests',
      'one of setup, test, mutations, command, run',
      /"tests"/,
    ],
    ['mutations: 21', 'p.yml: mutations', 'a number from 0 to 20', /21/],
    ['coverage: 1', 'p.yml: coverage', 'true or false', /1/],
    [
      'timeouts: 5m',
      'p.yml: timeouts',
      'a map with the keys `setup`, `test`, `mutations`, `command` and `run`',
      /"5m"/,
    ],
    ['secrets: {allowed: [a]}', 'p.yml: secrets.allowed', 'one of allow', /"allowed"/],
    ['secrets: {allow: a}', 'p.yml: secrets.allow', 'a list of globs', /"a"/],
    ['setup: 5', 'p.yml: setup', 'a shell command, a list of shell commands', /^5$/],
    ['test: ""', 'p.yml: test', 'a shell command of 1 to 2000 characters', /^""$/],
    ['egress: ["http://x"]', 'p.yml: egress.0', 'hosts such as pkgs.example.org', /http/],
    ['draft: never', 'p.yml: draft', 'when-failing or always', /"never"/],
    ['baseBranch: --upload-pack=x', 'p.yml: baseBranch', 'the name of a branch', /--upload-pack/],
    ['labels: {api: My Agent}', 'p.yml: labels.api', 'the name of an agent', /"My Agent"/],
    ['labels: {"": api}', 'p.yml: labels.', 'a label of 1 to 50 characters', /"api"/],
  ])('reports %.80j with its place, the expected value and the found one', (text, where, expected, found) => {
    const [fault] = faultsOf(text);
    expect(fault?.where).toBe(where);
    expect(fault?.expected).toContain(expected);
    expect(fault?.found).toMatch(found);
  });

  test('refuses aliases that would fill the memory', () => {
    const labels = Array.from({ length: 30 }, (_, index) => `l${index}: *name`).join(', ');
    expect(faultsOf(`agent: &name api\nlabels: {${labels}}`)[0]?.found).toMatch(/Excessive alias count/);
  });
});

describe('namesLabel', () => {
  test('finds a label in any case, also in a file with faults', () => {
    expect(namesLabel('labels:\n  API: someone\nbase: x\n', 'api')).toBe(true);
    expect(namesLabel('labels:\n  api: someone\ntest: "sh\n', 'api')).toBe(true);
  });

  test.each(['['.repeat(100_000), '', 'labels: 5', '- a', 'labels:\n  ui: x\n', 'labels: *nowhere'])(
    'finds no label in %.40j',
    (text) => {
      expect(namesLabel(text, 'api')).toBe(false);
    },
  );
});
