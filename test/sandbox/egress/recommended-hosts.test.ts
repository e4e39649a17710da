import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { chooseRecommended, recommendedHosts } from '../../../src/sandbox/egress/recommended-hosts.js';
import { chooseEgress, egressRules } from '../../../src/sandbox/sandbox.js';

const page = readFileSync(path.resolve('docs/configuration.md'), 'utf8');

test('docs/configuration.md lists the recommended hosts with their reasons', () => {
  const section = /^### Recommended hosts$([\s\S]*?)^##/m.exec(page)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, host, reason]) => ({
    host,
    reason,
  }));
  expect(rows).toEqual(recommendedHosts.map(({ host, reason }) => ({ host, reason })));
});

test('each host is listed once, in lower case, and is no pattern', () => {
  const hosts = recommendedHosts.map(({ host }) => host);
  expect(new Set(hosts).size).toBe(hosts.length);
  for (const host of hosts) expect(host).toMatch(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/);
});

test('a public registry is left out if the machine names its own', () => {
  const own = ['npm.example', 'go.example'].map((host) => ({ host, port: 443, mayBePrivate: true }));
  const hosts = chooseRecommended({ configured: ['npm', 'go'], hosts: own }).map(({ host }) => host);
  expect(hosts).toEqual(expect.arrayContaining(['pypi.org', 'static.crates.io', 'nodejs.org']));
  for (const host of ['registry.npmjs.org', 'registry.yarnpkg.com', 'proxy.golang.org'])
    expect(hosts).not.toContain(host);
});

test('the public registry of npm keeps its other name if the machine names it', () => {
  const own = [{ host: 'registry.npmjs.org', port: 443, mayBePrivate: true }];
  const hosts = chooseRecommended({ configured: ['npm'], hosts: own }).map(({ host }) => host);
  expect(hosts).toContain('registry.yarnpkg.com');
});

const registries = {
  hosts: [{ host: 'npm.example', port: 443, mayBePrivate: true }],
  configured: ['npm' as const],
};
const settings = { allow: [], requestable: [], deniedRepositories: [], recommended: true };
const allowedBy = (given: typeof settings, found: typeof registries | null = registries) =>
  chooseEgress(egressRules(given, found), { owner: 'o', name: 'n' }, null).allowed;

test('set-up gets the recommended hosts at public addresses, unless the operator closes them', () => {
  expect(allowedBy(settings)).toContainEqual({ host: 'github.com', port: 443, mayBePrivate: false });
  expect(allowedBy({ ...settings, recommended: false })).toEqual(registries.hosts);
  expect(allowedBy(settings, null)).toBeNull();
});

test('a repository may request a recommended host, because it is allowed anyway', () => {
  const rules = egressRules(settings, registries);
  expect(chooseEgress(rules, { owner: 'o', name: 'n' }, ['github.com', 'x.example']).notGranted).toEqual([
    'x.example',
  ]);
});
