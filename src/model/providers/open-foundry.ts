import { importSdk } from './import-sdk.js';
import { createSecretLearner } from './learn-secrets.js';
import {
  type Credential,
  commonOptions,
  type Endpoint,
  type Provider,
  type Surroundings,
} from './provider.js';

const scope = 'https://ai.azure.com/.default';

export interface FoundrySettings extends Endpoint {
  resource: string | null;
  apiKey: string | null;
  authToken: string | null;
}

/** Opens Microsoft Foundry. */
export async function openFoundry(settings: FoundrySettings, { fetch }: Surroundings): Promise<Provider> {
  const { resource, apiKey, authToken, baseUrl, headers } = settings;
  const { AnthropicFoundry } = await importSdk(
    '@anthropic-ai/foundry-sdk',
    '1',
    'MODEL_PROVIDER=foundry',
    () => import('@anthropic-ai/foundry-sdk'),
  );
  const learner = createSecretLearner(fetch);
  const getToken = apiKey === null ? await findToken(authToken) : null;
  return {
    fetch: learner.fetch,
    connect: (watched = learner.fetch) =>
      new AnthropicFoundry({
        ...commonOptions,
        ...(getToken ? { azureADTokenProvider: getToken } : { apiKey: apiKey ?? undefined }),
        // Without a value, the SDK would read its own variables.
        baseURL: baseUrl ?? `https://${resource}.services.ai.azure.com/anthropic/`,
        resource: null,
        defaultHeaders: headers,
        fetch: watched,
      }),
    credential: credentialOf(settings),
    activeSecrets: learner.activeSecrets,
  };
}

/** Returns a function that gets a token. Azure's default chain keeps it until shortly before it expires. */
async function findToken(authToken: string | null): Promise<() => Promise<string>> {
  if (authToken !== null) return async () => authToken;
  const { DefaultAzureCredential, getBearerTokenProvider } = await importSdk(
    '@azure/identity',
    '4',
    'MODEL_PROVIDER=foundry without ANTHROPIC_FOUNDRY_API_KEY',
    () => import('@azure/identity'),
  );
  return getBearerTokenProvider(new DefaultAzureCredential(), scope);
}

function credentialOf({ apiKey, authToken }: FoundrySettings): Credential {
  if (apiKey !== null) return { kind: 'key', source: 'ANTHROPIC_FOUNDRY_API_KEY' };
  if (authToken !== null) return { kind: 'token', source: 'ANTHROPIC_FOUNDRY_AUTH_TOKEN' };
  return { kind: 'credentials', source: "this machine's identity in Azure" };
}
