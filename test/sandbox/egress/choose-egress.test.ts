import { describe, expect, test } from '@jest/globals';
import { chooseEgress, type EgressRules } from '../../../src/sandbox/egress/choose-egress.js';

const registry = { host: 'registry.example', port: 443, mayBePrivate: true };
const rules: EgressRules = {
  registries: [registry],
  allow: [
    { repository: null, host: 'pkgs.example', port: 443 },
    { repository: 'Acme/Shop', host: 'only.example', port: 8443 },
    { repository: 'acme/*', host: 'acme.example', port: 443 },
  ],
  deniedRepositories: ['acme/secret', 'vault/*'],
  requestable: [{ host: '*.held-out.example', port: 443 }],
};
const hostsOf = (owner: string, name: string, asked: 'none' | string[] | null = null, given = rules) =>
  chooseEgress(given, { owner, name }, asked).allowed?.map(({ host, port }) => `${host}:${port}`) ?? null;

describe('chooseEgress', () => {
  test('gives every repository the registries and what the operator named for all', () => {
    expect(hostsOf('other', 'thing')).toEqual(['registry.example:443', 'pkgs.example:443']);
  });

  test('gives a repository what the operator named for it alone, without regard to case', () => {
    expect(hostsOf('acme', 'shop')).toContain('only.example:8443');
    expect(hostsOf('acme', 'other')).not.toContain('only.example:8443');
    expect(hostsOf('acme', 'other')).toContain('acme.example:443');
  });

  test('gives nothing where the operator denies it, whatever the repository requests', () => {
    expect(hostsOf('acme', 'secret', ['a.held-out.example'])).toBeNull();
    expect(hostsOf('vault', 'any')).toBeNull();
    expect(hostsOf('acme', 'shop', ['a.held-out.example'], { ...rules, registries: null })).toBeNull();
  });

  test('a repository may close its own set-up', () => {
    expect(hostsOf('acme', 'shop', 'none')).toBeNull();
  });

  test('a repository that asks gets what is held out, at public addresses only, and no more', () => {
    const asked = ['a.held-out.example', 'evil.example', 'a.held-out.example:22', 'held-out.example'];
    const { allowed, notGranted } = chooseEgress(rules, { owner: 'o', name: 'n' }, asked);
    expect(allowed?.filter(({ mayBePrivate }) => !mayBePrivate)).toEqual([
      { host: 'a.held-out.example', port: 443, mayBePrivate: false },
    ]);
    expect(notGranted).toEqual(['evil.example', 'a.held-out.example:22', 'held-out.example']);
  });

  test('asking for what is granted anyhow is no fault', () => {
    expect(chooseEgress(rules, { owner: 'o', name: 'n' }, ['pkgs.example']).notGranted).toEqual([]);
  });
});
