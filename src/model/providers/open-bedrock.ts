import { importFrom, importSdk } from './import-sdk.js';
import { createSecretLearner } from './learn-secrets.js';
import {
  type Credential,
  commonOptions,
  type Endpoint,
  type Provider,
  type Surroundings,
} from './provider.js';

const sdk = '@anthropic-ai/bedrock-sdk';

/**
 * The version of the Messages API. The SDK's own default is a later one, which Bedrock does not accept for
 * models before Claude 4.7. Nothing that Pullwright sends or reads differs between the two.
 */
const apiVersion = 'bedrock-2023-05-31';

export interface BedrockSettings extends Endpoint {
  region: string;
  bearerToken: string | null;
  accessKey: { id: string; secret: string; sessionToken: string | null } | null;
}

/** Matches what AWS says, with status 403, about credentials that are wrong. */
const wrongCredential = /signature|security token|token .{0,40}expired/i;

interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Opens Amazon Bedrock: its API `InvokeModel`, whose replies are AWS event streams. */
export async function openBedrock(settings: BedrockSettings, { fetch }: Surroundings): Promise<Provider> {
  const { region, bearerToken, accessKey, baseUrl, headers } = settings;
  const { AnthropicBedrock } = await importSdk(
    sdk,
    '1',
    'MODEL_PROVIDER=bedrock',
    () => import('@anthropic-ai/bedrock-sdk'),
  );
  const learner = createSecretLearner(fetch);
  const chain = bearerToken || accessKey ? null : await findCredentials(learner.remember);
  const connect = (watched = learner.fetch) => {
    const options = {
      ...commonOptions,
      awsRegion: region,
      // Without values, the SDK would read its own variables.
      baseURL: baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`,
      apiKey: bearerToken,
      defaultHeaders: { 'anthropic-version': apiVersion, ...headers },
      fetch: watched,
    };
    if (!accessKey)
      return new AnthropicBedrock({ ...options, providerChainResolver: chain && (async () => chain) });
    const { id, secret, sessionToken } = accessKey;
    return new AnthropicBedrock({
      ...options,
      awsAccessKey: id,
      awsSecretKey: secret,
      awsSessionToken: sessionToken,
    });
  };
  return {
    fetch: learner.fetch,
    connect,
    credential: credentialOf(settings),
    activeSecrets: learner.activeSecrets,
  };
}

/**
 * Returns AWS's default chain, which finds credentials in the configuration of this machine and renews them.
 * The SDK has the same chain, but does not let us know what it found.
 */
async function findCredentials(remember: (secret: string) => void): Promise<() => Promise<AwsCredentials>> {
  const { fromNodeProviderChain } = (await importFrom(sdk, '@aws-sdk/credential-providers')) as {
    fromNodeProviderChain(): () => Promise<AwsCredentials>;
  };
  const find = fromNodeProviderChain();
  return async () => {
    const credentials = await find();
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    for (const secret of [accessKeyId, secretAccessKey, sessionToken]) if (secret) remember(secret);
    return credentials;
  };
}

function credentialOf({ bearerToken, accessKey }: BedrockSettings): Credential {
  if (bearerToken) return { kind: 'key', source: 'AWS_BEARER_TOKEN_BEDROCK', wrongCredential };
  return {
    kind: 'credentials',
    wrongCredential,
    source: accessKey
      ? 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
      : "AWS_ACCESS_KEY_ID, or this machine's configuration of AWS",
  };
}
