import { expect, test } from '@jest/globals';
import { secretsOf } from '../../../src/config/find-other-secrets.js';
import { readRegistries } from '../../../src/sandbox/egress/registries.js';

test('credentials in registry URLs are kept from install scripts and reported as secrets', () => {
  const { hosts, environment, credentials } = readRegistries({
    npm: JSON.stringify({ registry: 'https://npm-T0kenOfNpm@npm.example.org/all/' }),
    pip: "global.index-url='https://build:S3cret%2CPipPw@pip.example.org/simple'",
    go: JSON.stringify({
      GOPROXY: 'https://ci:G0Secret-x@go.example.org|https://proxy.example.org,direct',
      GOSUMDB: 'sum.example.org https://go.example.org/sumdb',
      GONOSUMDB: '',
    }),
    cargo: '',
  });
  expect(environment).toMatchObject({
    npm_config_registry: 'https://npm.example.org/all/',
    YARN_NPM_REGISTRY_SERVER: 'https://npm.example.org/all',
    YARN_REGISTRY: 'https://npm.example.org/all/',
    PIP_INDEX_URL: 'https://pip.example.org/simple',
    GOPROXY: 'https://go.example.org/|https://proxy.example.org,direct',
    GOSUMDB: 'sum.example.org https://go.example.org/sumdb',
  });
  expect(JSON.stringify({ hosts, environment })).not.toMatch(/T0ken|S3cret|G0Secret|build|ci:/);
  expect(hosts.map(({ host }) => host)).toEqual([
    'npm.example.org',
    'pip.example.org',
    'go.example.org',
    'proxy.example.org',
  ]);
  expect(credentials.map(({ setting }) => setting)).toEqual([
    'npm: registry',
    'pip: global.index-url',
    'go: GOPROXY',
  ]);
  expect(credentials.flatMap(secretsOf)).toEqual([
    'npm-T0kenOfNpm',
    'S3cret,PipPw',
    'S3cret%2CPipPw',
    'G0Secret-x',
  ]);
});

test('settings without a credential are passed on unchanged', () => {
  const { environment, credentials } = readRegistries({
    npm: JSON.stringify({ registry: 'https://npm.example.org' }),
    pip: '',
    go: JSON.stringify({ GOPROXY: 'off' }),
    cargo: '',
  });
  expect(environment).toMatchObject({ npm_config_registry: 'https://npm.example.org', GOPROXY: 'off' });
  expect(credentials).toEqual([]);
});
