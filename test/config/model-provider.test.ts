import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config/read-config.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const rest = { APP_ID: '12', PRIVATE_KEY: pem, WEBHOOK_SECRET: 'a-secret-of-enough-length' };

type Variables = Record<string, string>;
const providerOf = (variables: Variables) => readConfig({ ...rest, ...variables }).modelProvider;

function faultsOf(variables: Variables): string[] {
  try {
    providerOf(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

const bedrock = { MODEL_PROVIDER: 'bedrock', AWS_REGION: 'eu-west-1' };
const vertex = { MODEL_PROVIDER: 'vertex', CLOUD_ML_REGION: 'global', ANTHROPIC_VERTEX_PROJECT_ID: 'p-1' };
const foundry = { MODEL_PROVIDER: 'foundry', ANTHROPIC_FOUNDRY_RESOURCE: 'res-1' };
const none = { baseUrl: null, headers: {} };

describe('each provider gets its own settings', () => {
  test.each<[string, Variables, object]>([
    [
      'the Claude API with a key',
      { ANTHROPIC_API_KEY: 'sk-ant-x' },
      { name: 'anthropic', apiKey: 'sk-ant-x', authToken: null, ...none },
    ],
    [
      'a gateway with a token and headers',
      {
        ANTHROPIC_AUTH_TOKEN: 'token-1',
        ANTHROPIC_BASE_URL: 'https://gateway.example.org/anthropic',
        ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue\n\nX-Url:  https://a.example.org:1/ \n',
      },
      {
        ...{ name: 'anthropic', apiKey: null, authToken: 'token-1' },
        baseUrl: 'https://gateway.example.org/anthropic',
        headers: { 'X-Team': 'blue', 'X-Url': 'https://a.example.org:1/' },
      },
    ],
    [
      'Bedrock with an access key',
      { ...bedrock, AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 's-1', AWS_SESSION_TOKEN: 't-1' },
      {
        ...{ name: 'bedrock', region: 'eu-west-1', bearerToken: null, ...none },
        accessKey: { id: 'AKIA1', secret: 's-1', sessionToken: 't-1' },
      },
    ],
    [
      'Bedrock with an API key',
      { ...bedrock, AWS_BEARER_TOKEN_BEDROCK: 'b-1', ANTHROPIC_BEDROCK_BASE_URL: 'https://b.example.org' },
      {
        ...{ name: 'bedrock', region: 'eu-west-1', bearerToken: 'b-1', accessKey: null },
        ...{ ...none, baseUrl: 'https://b.example.org' },
      },
    ],
    [
      "Bedrock with the machine's credentials, although a key for the Claude API is set",
      { ...bedrock, ANTHROPIC_API_KEY: 'sk-ant-x' },
      { name: 'bedrock', region: 'eu-west-1', bearerToken: null, accessKey: null, ...none },
    ],
    [
      "Vertex with the machine's credentials",
      vertex,
      { name: 'vertex', region: 'global', projectId: 'p-1', credentialsFile: null, ...none },
    ],
    [
      'Foundry with a key',
      { ...foundry, ANTHROPIC_FOUNDRY_API_KEY: 'f-1' },
      { name: 'foundry', resource: 'res-1', apiKey: 'f-1', authToken: null, ...none },
    ],
    [
      "Foundry with the machine's identity",
      { MODEL_PROVIDER: 'foundry', ANTHROPIC_FOUNDRY_BASE_URL: 'https://f.example.org' },
      {
        ...{ name: 'foundry', resource: null, apiKey: null, authToken: null },
        ...{ ...none, baseUrl: 'https://f.example.org' },
      },
    ],
  ])('%s', (_, variables, settings) => {
    expect(providerOf(variables).settings).toEqual(settings);
  });
});

describe('a fault is one line that names the variable, and never quotes a credential', () => {
  test.each<[Variables, string]>([
    [
      {},
      'ANTHROPIC_API_KEY: expected your key for the Claude API, or ANTHROPIC_AUTH_TOKEN for a gateway; neither is set',
    ],
    [
      { ANTHROPIC_API_KEY: 'sk-ant-x', ANTHROPIC_AUTH_TOKEN: 'token-1' },
      'ANTHROPIC_AUTH_TOKEN: expected either this token or ANTHROPIC_API_KEY; both are set',
    ],
    [
      { ANTHROPIC_API_KEY: 'sk-ant-x', MODEL_PROVIDER: 'azure' },
      'MODEL_PROVIDER: expected one of anthropic, bedrock, vertex, foundry; found "azure"',
    ],
    [
      { ANTHROPIC_API_KEY: 'sk-ant-x', ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue\nX-Secret hidden' },
      'ANTHROPIC_CUSTOM_HEADERS: expected lines such as "Name: value", each with the name and the value of a ' +
        'header; found a value of 28 characters',
    ],
    ...(
      [
        ['ANTHROPIC_BASE_URL', 'https://bot:hidden@gateway.example.org', 38],
        ['ANTHROPIC_BASE_URL', 'https://bot@gateway.example.org', 31],
        ['ANTHROPIC_BEDROCK_BASE_URL', 'http://:hidden@b.example.org', 28],
        ['ANTHROPIC_VERTEX_BASE_URL', 'https://bot:hidden@v.example.org', 32],
        ['ANTHROPIC_FOUNDRY_BASE_URL', 'https://bot:hidden@f.example.org', 32],
      ] as const
    ).map(([name, url, length]): [Variables, string] => [
      { ANTHROPIC_API_KEY: 'sk-ant-x', [name]: url },
      `${name}: expected an http:// or https:// URL without a user name and a password; found a value of ${length} ` +
        'characters',
    ]),
    [
      { MODEL_PROVIDER: 'bedrock' },
      'AWS_REGION: expected an AWS region, because MODEL_PROVIDER=bedrock; it is not set',
    ],
    [
      { ...bedrock, AWS_ACCESS_KEY_ID: 'AKIA1' },
      'AWS_SECRET_ACCESS_KEY: expected the secret of AWS_ACCESS_KEY_ID; it is not set',
    ],
    [
      { ...bedrock, AWS_SECRET_ACCESS_KEY: 's-1' },
      'AWS_ACCESS_KEY_ID: expected the id for AWS_SECRET_ACCESS_KEY; it is not set',
    ],
    [
      { ...bedrock, AWS_SESSION_TOKEN: 't-1' },
      'AWS_ACCESS_KEY_ID: expected the id for AWS_SESSION_TOKEN; it is not set',
    ],
    [
      { ...bedrock, AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 's-1', AWS_BEARER_TOKEN_BEDROCK: 'b' },
      'AWS_BEARER_TOKEN_BEDROCK: expected either this token or AWS_ACCESS_KEY_ID; both are set',
    ],
    [
      { ...vertex, CLOUD_ML_REGION: '' },
      'CLOUD_ML_REGION: expected a region such as global, because MODEL_PROVIDER=vertex; it is not set',
    ],
    [
      { ...vertex, ANTHROPIC_VERTEX_PROJECT_ID: '' },
      'ANTHROPIC_VERTEX_PROJECT_ID: expected the id of a Google Cloud project, because MODEL_PROVIDER=vertex; it ' +
        'is not set',
    ],
    [
      { ...vertex, GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent/key.json' },
      "GOOGLE_APPLICATION_CREDENTIALS: expected a readable file; ENOENT: no such file or directory, open '/nonexistent/key.json'",
    ],
    [
      { MODEL_PROVIDER: 'foundry' },
      'ANTHROPIC_FOUNDRY_RESOURCE: expected the name of a Foundry resource, or ANTHROPIC_FOUNDRY_BASE_URL, because ' +
        'MODEL_PROVIDER=foundry; neither is set',
    ],
    [
      { ...foundry, ANTHROPIC_FOUNDRY_BASE_URL: 'https://f.example.org' },
      'ANTHROPIC_FOUNDRY_BASE_URL: expected either this URL or ANTHROPIC_FOUNDRY_RESOURCE; both are set',
    ],
    [
      { ...foundry, ANTHROPIC_FOUNDRY_API_KEY: 'f-1', ANTHROPIC_FOUNDRY_AUTH_TOKEN: 't-1' },
      'ANTHROPIC_FOUNDRY_AUTH_TOKEN: expected either this token or ANTHROPIC_FOUNDRY_API_KEY; both are set',
    ],
    [
      { ...foundry, ANTHROPIC_FOUNDRY_RESOURCE: 'res-1.services.ai.azure.com' },
      'ANTHROPIC_FOUNDRY_RESOURCE: expected the name of a Foundry resource, without a domain; found ' +
        '"res-1.services.ai.azure.com"',
    ],
  ])('%j', (variables, fault) => {
    expect(faultsOf(variables)).toEqual([fault]);
  });

  test.each([
    ['no JSON: -----BEGIN PRIVATE KEY-----', 'a JSON file; %s is none'],
    ['{"private_key": "hidden"}', 'credentials of Google with a `type`; %s has none'],
  ])('a file with %s', async (content, expected) => {
    const file = path.join(folder.path, 'wrong.json');
    await writeFile(file, content);
    expect(faultsOf({ ...vertex, GOOGLE_APPLICATION_CREDENTIALS: file })).toEqual([
      `GOOGLE_APPLICATION_CREDENTIALS: expected ${expected.replace('%s', file)}`,
    ]);
    // Another program on the machine can use such a file.
    expect(faultsOf({ ANTHROPIC_API_KEY: 'k', GOOGLE_APPLICATION_CREDENTIALS: file })).toEqual([]);
  });
});

test('the credentials of all providers are secrets, whichever provider is chosen', async () => {
  const file = path.join(folder.path, 'account.json');
  const account = { type: 'service_account', private_key: pem, private_key_id: 'id-1', client_email: 'a@b' };
  await writeFile(file, JSON.stringify(account));
  const config = readConfig({
    ...{ ...rest, ANTHROPIC_API_KEY: 'sk-ant-x', GOOGLE_APPLICATION_CREDENTIALS: file },
    ANTHROPIC_CUSTOM_HEADERS:
      'X-Team: blue\nCF-Access-Client-Secret: cf-1\nProxy-Authorization: Basic basic-1',
    ...{ AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'aws-1', AWS_SESSION_TOKEN: 'session-1' },
    ...{ AWS_BEARER_TOKEN_BEDROCK: 'bearer-1', ANTHROPIC_FOUNDRY_API_KEY: 'foundry-1' },
    ANTHROPIC_FOUNDRY_AUTH_TOKEN: 'entra-1',
  });
  expect([...config.modelProvider.secrets].sort()).toEqual(
    [
      ...['sk-ant-x', 'cf-1', 'basic-1', 'AKIA1', 'aws-1', 'session-1', 'bearer-1'],
      ...['foundry-1', 'entra-1', pem],
    ].sort(),
  );
  expect(config.otherSecrets).toEqual([]);
});

test("the credentials of a user's file for Google are secrets as well", async () => {
  const file = path.join(folder.path, 'user.json');
  const user = { type: 'authorized_user', client_id: 'c', client_secret: 'secret-1', refresh_token: '1//r' };
  await writeFile(file, JSON.stringify(user));
  expect(providerOf({ ...vertex, GOOGLE_APPLICATION_CREDENTIALS: file }).secrets).toEqual([
    'secret-1',
    '1//r',
  ]);
});

test('the credentials of an account that impersonates another one are secrets as well', async () => {
  const file = path.join(folder.path, 'impersonated.json');
  const source = { type: 'authorized_user', client_secret: 'secret-2', refresh_token: '1//s' };
  await writeFile(file, JSON.stringify({ type: 'impersonated_service_account', source_credentials: source }));
  const variables = { ...vertex, GOOGLE_APPLICATION_CREDENTIALS: file };
  expect(providerOf(variables).secrets).toEqual(['secret-2', '1//s']);
});

describe("without a setting, the file that gcloud writes has the machine's credentials", () => {
  const name = 'application_default_credentials.json';
  const write = async (place: string, content: string) => {
    await mkdir(path.join(folder.path, place), { recursive: true });
    await writeFile(path.join(folder.path, place, name), content);
    return path.join(folder.path, place);
  };

  test('they are secrets', async () => {
    const user = JSON.stringify({
      type: 'authorized_user',
      client_secret: 'secret-3',
      refresh_token: '1//t',
    });
    await write('home/.config/gcloud', user);
    const HOME = path.join(folder.path, 'home');
    const CLOUDSDK_CONFIG = await write('gcloud', user.replace('secret-3', 'secret-4'));
    expect(providerOf({ ...vertex, HOME }).secrets).toEqual(['secret-3', '1//t']);
    expect(providerOf({ ANTHROPIC_API_KEY: 'k', HOME }).secrets).toEqual(['k', 'secret-3', '1//t']);
    expect(providerOf({ ...vertex, HOME, CLOUDSDK_CONFIG }).secrets).toEqual(['secret-4', '1//t']);
  });

  test('the file may be missing, but must be valid', async () => {
    expect(providerOf({ ...vertex, HOME: '/nonexistent' }).secrets).toEqual([]);
    const CLOUDSDK_CONFIG = await write('broken', 'hidden');
    const file = path.join(CLOUDSDK_CONFIG, name);
    expect(faultsOf({ ...vertex, CLOUDSDK_CONFIG })).toEqual([
      `${file}: expected a JSON file; ${file} is none`,
    ]);
    expect(faultsOf({ ANTHROPIC_API_KEY: 'k', CLOUDSDK_CONFIG })).toEqual([]);
  });
});
