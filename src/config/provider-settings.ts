import { secret, setting } from './setting.js';
import { file, headers, httpUrl, matching, text } from './values.js';

/** Requests to a URL that contains a user name or a password fail. */
const url = () => {
  const expected = 'an http:// or https:// URL without a user name and a password';
  return httpUrl(expected)
    .refine((value) => !hasUserInfo(new URL(value)), { error: expected })
    .nullable();
};
const hasUserInfo = ({ username, password }: URL) => username !== '' || password !== '';
const credential = (expected: string) => text(expected).nullable();

/**
 * The variables that say how to reach the model's provider. They have the names that Anthropic's SDKs and
 * Claude Code use. model-provider.ts reads those of the chosen provider, and says which are required.
 */
export const providerSettings = {
  anthropic: {
    apiKey: secret('ANTHROPIC_API_KEY', credential('your key for the Claude API'), null),
    /** The token that a gateway expects in place of a key, as a bearer token. */
    authToken: secret('ANTHROPIC_AUTH_TOKEN', credential('the bearer token of your gateway'), null),
    baseUrl: secret('ANTHROPIC_BASE_URL', url(), null),
  },
  /** Headers for each request to any provider. */
  headers: secret('ANTHROPIC_CUSTOM_HEADERS', headers(), ''),
  bedrock: {
    region: setting(
      'AWS_REGION',
      matching(/^[a-z0-9-]+$/, 'an AWS region, such as us-east-1').nullable(),
      null,
    ),
    bearerToken: secret('AWS_BEARER_TOKEN_BEDROCK', credential('a Bedrock API key'), null),
    accessKeyId: secret('AWS_ACCESS_KEY_ID', credential('the id of an AWS access key'), null),
    secretAccessKey: secret('AWS_SECRET_ACCESS_KEY', credential('the secret of an AWS access key'), null),
    sessionToken: secret('AWS_SESSION_TOKEN', credential('the token of an AWS session'), null),
    baseUrl: secret('ANTHROPIC_BEDROCK_BASE_URL', url(), null),
  },
  vertex: {
    projectId: setting(
      'ANTHROPIC_VERTEX_PROJECT_ID',
      text('the id of a Google Cloud project').nullable(),
      null,
    ),
    credentialsFile: setting('GOOGLE_APPLICATION_CREDENTIALS', file().nullable(), null),
    baseUrl: secret('ANTHROPIC_VERTEX_BASE_URL', url(), null),
  },
  foundry: {
    resource: setting(
      'ANTHROPIC_FOUNDRY_RESOURCE',
      matching(/^[A-Za-z0-9-]+$/, 'the name of a Foundry resource, without a domain').nullable(),
      null,
    ),
    baseUrl: secret('ANTHROPIC_FOUNDRY_BASE_URL', url(), null),
    apiKey: secret('ANTHROPIC_FOUNDRY_API_KEY', credential('the key of a Foundry resource'), null),
    authToken: secret('ANTHROPIC_FOUNDRY_AUTH_TOKEN', credential('a bearer token for Foundry'), null),
  },
};
