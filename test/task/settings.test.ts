import { describe, expect, test } from '@jest/globals';
import { namesLabel, parseSettings } from '../../src/task/settings.js';

const faultsOf = (text: string) => {
  const parsed = parseSettings(text, 'p.yml');
  return 'faults' in parsed ? parsed.faults : [];
};

describe('parseSettings', () => {
  test('has a default for everything', () => {
    for (const text of [null, '', '# nothing\n'])
      expect(parseSettings(text)).toMatchObject({
        settings: {
          labels: {},
          baseBranch: null,
          setup: null,
          test: null,
          draft: 'when-failing',
          timeouts: { test: 10 },
        },
      });
  });

  test('reads every field', () => {
    const text =
      'labels: {api: backend-developer}\nbaseBranch: trunk\nsetup: [npm ci]\ntest: npm test\ntimeouts: {setup: 90s, test: 2m, command: 1h, run: 30m}\nprotectedPaths: [infra/**]\negress: [pkgs.example.org]\nagent: painter\nresolveThreads: true\ndraft: always\n';
    expect(parseSettings(text)).toEqual({
      settings: {
        labels: { api: 'backend-developer' },
        baseBranch: 'trunk',
        setup: ['npm ci'],
        test: 'npm test',
        timeouts: { setup: 1.5, test: 2, command: 60, run: 30 },
        protectedPaths: ['infra/**'],
        egress: ['pkgs.example.org'],
        agent: 'painter',
        resolveThreads: true,
        draft: 'always',
      },
    });
  });

  test.each([
    ['test: [', 'p.yml:1', 'YAML', /Flow sequence/],
    ['- a', 'p.yml', 'a map of settings', /\["a"\]/],
    ['tests: npm test', 'p.yml: tests', 'one of labels, agent, baseBranch', /unknown name "tests"/],
    ['timeouts: {test: 5}', 'p.yml: timeouts.test', 'a time such as 90s, 10m or 1h', /^5$/],
    ['timeouts: {tests: 5m}', 'p.yml: timeouts.tests', 'one of setup, test, command, run', /"tests"/],
    ['setup: npm ci', 'p.yml: setup', 'a list of shell commands', /"npm ci"/],
    ['egress: ["http://x"]', 'p.yml: egress.0', 'hosts such as pkgs.example.org', /http/],
    ['draft: never', 'p.yml: draft', 'when-failing or always', /"never"/],
    ['baseBranch: --upload-pack=x', 'p.yml: baseBranch', 'the name of a branch', /--upload-pack/],
    ['labels: {api: My Agent}', 'p.yml: labels.api', 'the name of an agent', /"My Agent"/],
  ])('answers %j with path, expected and found', (text, where, expected, found) => {
    const [fault] = faultsOf(text);
    expect(fault?.where).toBe(where);
    expect(fault?.expected).toContain(expected);
    expect(fault?.found).toMatch(found);
  });
});

test('a label that settings name is found in a file with faults too', () => {
  expect(namesLabel('labels:\n  API: someone\nbase: x\n', 'api')).toBe(true);
  expect(namesLabel('labels:\n  api: someone\ntest: "sh\n', 'api')).toBe(true);
  for (const text of ['', 'labels: 5', '- a', 'labels:\n  ui: x\n'])
    expect(namesLabel(text, 'api')).toBe(false);
});
