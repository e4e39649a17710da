import type { ClientOptions } from '@anthropic-ai/vertex-sdk';
import { importFrom, importSdk } from './import-sdk.js';
import { createSecretLearner } from './learn-secrets.js';
import { commonOptions, type Endpoint, type Provider, type Surroundings } from './provider.js';

const sdk = '@anthropic-ai/vertex-sdk';
const scope = 'https://www.googleapis.com/auth/cloud-platform';

type GoogleAuth = NonNullable<ClientOptions['googleAuth']>;

/** The part of Google's library that Pullwright uses. */
interface GoogleLibrary {
  GoogleAuth: new (options: {
    scopes: string;
    keyFilename?: string;
    clientOptions: { transporterOptions: { fetchImplementation: typeof globalThis.fetch } };
  }) => GoogleAuth;
}

export interface VertexSettings extends Endpoint {
  region: string;
  projectId: string;
  credentialsFile: string | null;
}

/** Opens Google Vertex AI. */
export async function openVertex(settings: VertexSettings, { fetch }: Surroundings): Promise<Provider> {
  const { region, projectId, credentialsFile, baseUrl, headers } = settings;
  const { AnthropicVertex } = await importSdk(
    sdk,
    '1',
    'MODEL_PROVIDER=vertex',
    () => import('@anthropic-ai/vertex-sdk'),
  );
  const learner = createSecretLearner(fetch);
  const google = (await importFrom(sdk, 'google-auth-library')) as GoogleLibrary;
  // It keeps the access token until shortly before it expires.
  const googleAuth = new google.GoogleAuth({
    scopes: scope,
    ...(credentialsFile && { keyFilename: credentialsFile }),
    clientOptions: { transporterOptions: { fetchImplementation: fetch } },
  });
  return {
    fetch: learner.fetch,
    connect: (watched = learner.fetch) =>
      new AnthropicVertex({
        ...commonOptions,
        region,
        projectId,
        googleAuth,
        // With null, the SDK derives the URL from the region. With undefined, it would read its own variable.
        baseURL: baseUrl,
        defaultHeaders: headers,
        fetch: watched,
      }),
    credential: {
      kind: 'credentials',
      source: credentialsFile
        ? 'GOOGLE_APPLICATION_CREDENTIALS'
        : "GOOGLE_APPLICATION_CREDENTIALS, or this machine's configuration of Google Cloud",
    },
    activeSecrets: learner.activeSecrets,
  };
}
