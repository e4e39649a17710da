import { describe, expect, test } from '@jest/globals';
import { chooseEgress, type EgressRules } from '../../../src/sandbox/sandbox.js';

const registry = { host: 'registry.example', port: 443, mayBePrivate: true };
const rules: EgressRules = {
  registries: [registry],
  recommended: [],
  allow: [
    { repository: null, host: 'pkgs.example', port: 443 },
    { repository: 'Acme/Shop', host: 'only.example', port: 8443 },
    { repository: 'acme/*', host: 'acme.example', port: 443 },
  ],
  deniedRepositories: ['acme/secret', 'vault/*'],
  requestable: [{ host: '*.offered.example', port: 443 }],
};
const hostsOf = (owner: string, name: string, requested: 'none' | string[] | null = null, given = rules) =>
  chooseEgress(given, { owner, name }, requested).allowed?.map(({ host, port }) => `${host}:${port}`) ?? null;

describe('chooseEgress', () => {
  test('every repository gets the registries and the hosts that the operator allows for all', () => {
    expect(hostsOf('other', 'thing')).toEqual(['registry.example:443', 'pkgs.example:443']);
  });

  test('a repository gets the hosts that the operator allows for it, and the case of its name does not matter', () => {
    expect(hostsOf('acme', 'shop')).toContain('only.example:8443');
    expect(hostsOf('acme', 'other')).not.toContain('only.example:8443');
    expect(hostsOf('acme', 'other')).toContain('acme.example:443');
  });

  test('a denied repository gets no network, even if it requests hosts', () => {
    expect(hostsOf('acme', 'secret', ['a.offered.example'])).toBeNull();
    expect(hostsOf('vault', 'any')).toBeNull();
    expect(hostsOf('acme', 'shop', ['a.offered.example'], { ...rules, registries: null })).toBeNull();
  });

  test('a repository can turn its network off', () => {
    expect(hostsOf('acme', 'shop', 'none')).toBeNull();
  });

  test('a repository gets the requested hosts that the operator offers, at public addresses only', () => {
    const requested = ['a.offered.example', 'evil.example', 'a.offered.example:22', 'offered.example'];
    const { allowed, notGranted } = chooseEgress(rules, { owner: 'o', name: 'n' }, requested);
    expect(allowed?.filter(({ mayBePrivate }) => !mayBePrivate)).toEqual([
      { host: 'a.offered.example', port: 443, mayBePrivate: false },
    ]);
    expect(notGranted).toEqual(['evil.example', 'a.offered.example:22', 'offered.example']);
  });

  test('a request for a host that is allowed anyway is granted', () => {
    expect(chooseEgress(rules, { owner: 'o', name: 'n' }, ['pkgs.example']).notGranted).toEqual([]);
  });
});
