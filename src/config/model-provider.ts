import { readGoogleSecrets } from './google-secrets.js';
import type { providerSettings } from './provider-settings.js';
import { secretHeader } from './secret-header.js';
import type { ValuesOf, Variables } from './setting.js';

export const providerNames = ['anthropic', 'bedrock', 'vertex', 'foundry'] as const;
type ProviderName = (typeof providerNames)[number];

/*
 * The next types repeat types in src/model/providers, because `config` must not import `model`, nor `model`
 * `config`. Both fit together, or src/composition/provider.ts does not compile.
 */

interface Endpoint {
  /** Null for the provider's own endpoint. */
  baseUrl: string | null;
  /** Headers for each request. */
  headers: Readonly<Record<string, string>>;
}

/** How to reach the model's provider. */
export type ProviderSettings =
  /** The Claude API, or a gateway. Exactly one of `apiKey` and `authToken` is not null. */
  | (Endpoint & { name: 'anthropic'; apiKey: string | null; authToken: string | null })
  /** Amazon Bedrock. Without `bearerToken` and `accessKey`, AWS's default chain finds the credentials. */
  | (Endpoint & {
      name: 'bedrock';
      region: string;
      bearerToken: string | null;
      accessKey: { id: string; secret: string; sessionToken: string | null } | null;
    })
  /** Google Vertex AI. Without `credentialsFile`, Google's default chain finds the credentials. */
  | (Endpoint & { name: 'vertex'; region: string; projectId: string; credentialsFile: string | null })
  /**
   * Microsoft Foundry. Exactly one of `resource` and `baseUrl` is not null. Without `apiKey` and `authToken`,
   * Azure's default chain finds the credentials.
   */
  | (Endpoint & {
      name: 'foundry';
      resource: string | null;
      apiKey: string | null;
      authToken: string | null;
    });

export interface ModelProvider {
  settings: ProviderSettings;
  /** The credentials in the settings of all providers. */
  secrets: readonly string[];
}

type Values = ValuesOf<typeof providerSettings>;
type Found = { settings: ProviderSettings } | { faults: string[] };

/**
 * Chooses the settings of the model's provider, and checks that they fit together.
 * @param variables tells where Google's libraries look for their default file
 * @returns the settings; if there are faults, one line per fault instead, without values of variables
 */
export function readModelProvider(
  name: ProviderName,
  vertexRegion: string | null,
  values: Values,
  variables: Variables,
): ModelProvider | { faults: string[] } {
  const read: Record<ProviderName, () => Found> = {
    anthropic: () => readAnthropic(values),
    bedrock: () => readBedrock(values),
    vertex: () => readVertex(values, vertexRegion),
    foundry: () => readFoundry(values),
  };
  const found = read[name]();
  const google = readGoogleSecrets(values.vertex.credentialsFile, variables);
  // A program next to Pullwright can use this file. A fault in it matters only if Pullwright uses it.
  if (name === 'vertex' && 'fault' in google)
    return { faults: [...('faults' in found ? found.faults : []), google.fault] };
  if ('faults' in found) return found;
  return {
    ...found,
    secrets: [...listSecrets(values), ...('secrets' in google ? google.secrets : [])],
  };
}

function readAnthropic({ anthropic, headers }: Values): Found {
  const { apiKey, authToken } = anthropic;
  if (apiKey !== null && authToken !== null)
    return fault('ANTHROPIC_AUTH_TOKEN: expected either this token or ANTHROPIC_API_KEY; both are set');
  if (apiKey === null && authToken === null)
    return fault(
      'ANTHROPIC_API_KEY: expected your key for the Claude API, or ANTHROPIC_AUTH_TOKEN for a gateway; neither is set',
    );
  return { settings: { name: 'anthropic', ...anthropic, headers } };
}

function readBedrock({ bedrock, headers }: Values): Found {
  const { region, bearerToken, accessKeyId, secretAccessKey, sessionToken, baseUrl } = bedrock;
  const faults: string[] = [];
  if (region === null)
    faults.push('AWS_REGION: expected an AWS region, because MODEL_PROVIDER=bedrock; it is not set');
  if (accessKeyId !== null && secretAccessKey === null)
    faults.push('AWS_SECRET_ACCESS_KEY: expected the secret of AWS_ACCESS_KEY_ID; it is not set');
  if (accessKeyId === null && secretAccessKey !== null)
    faults.push('AWS_ACCESS_KEY_ID: expected the id for AWS_SECRET_ACCESS_KEY; it is not set');
  if (sessionToken !== null && accessKeyId === null && secretAccessKey === null)
    faults.push('AWS_ACCESS_KEY_ID: expected the id for AWS_SESSION_TOKEN; it is not set');
  if (bearerToken !== null && accessKeyId !== null)
    faults.push('AWS_BEARER_TOKEN_BEDROCK: expected either this token or AWS_ACCESS_KEY_ID; both are set');
  if (region === null || faults.length > 0) return { faults };
  const accessKey =
    accessKeyId !== null && secretAccessKey !== null
      ? { id: accessKeyId, secret: secretAccessKey, sessionToken }
      : null;
  return { settings: { name: 'bedrock', region, bearerToken, accessKey, baseUrl, headers } };
}

function readVertex({ vertex, headers }: Values, region: string | null): Found {
  const { projectId } = vertex;
  const faults: string[] = [];
  if (region === null)
    faults.push(
      'CLOUD_ML_REGION: expected a region such as global, because MODEL_PROVIDER=vertex; it is not set',
    );
  if (projectId === null)
    faults.push(
      'ANTHROPIC_VERTEX_PROJECT_ID: expected the id of a Google Cloud project, because MODEL_PROVIDER=vertex; ' +
        'it is not set',
    );
  if (region === null || projectId === null) return { faults };
  return { settings: { name: 'vertex', ...vertex, region, projectId, headers } };
}

function readFoundry({ foundry, headers }: Values): Found {
  const { resource, baseUrl, apiKey, authToken } = foundry;
  const faults: string[] = [];
  if (resource === null && baseUrl === null)
    faults.push(
      'ANTHROPIC_FOUNDRY_RESOURCE: expected the name of a Foundry resource, or ANTHROPIC_FOUNDRY_BASE_URL, ' +
        'because MODEL_PROVIDER=foundry; neither is set',
    );
  if (resource !== null && baseUrl !== null)
    faults.push(
      'ANTHROPIC_FOUNDRY_BASE_URL: expected either this URL or ANTHROPIC_FOUNDRY_RESOURCE; both are set',
    );
  if (apiKey !== null && authToken !== null)
    faults.push(
      'ANTHROPIC_FOUNDRY_AUTH_TOKEN: expected either this token or ANTHROPIC_FOUNDRY_API_KEY; both are set',
    );
  return faults.length > 0 ? { faults } : { settings: { name: 'foundry', ...foundry, headers } };
}

function fault(line: string): { faults: string[] } {
  return { faults: [line] };
}

/** Lists the credentials of all providers. Those of the others can be in the environment as well. */
function listSecrets({ anthropic, bedrock, foundry, headers }: Values): string[] {
  const { bearerToken, accessKeyId, secretAccessKey, sessionToken } = bedrock;
  const values = [
    ...[anthropic.apiKey, anthropic.authToken, foundry.apiKey, foundry.authToken],
    ...[bearerToken, accessKeyId, secretAccessKey, sessionToken],
    ...Object.entries(headers).map(([name, value]) =>
      // A header such as `Bearer <token>` consists of a scheme and the credential.
      secretHeader.test(name) ? value.replace(/^\w+ +/, '') : null,
    ),
  ];
  return values.flatMap((value) => value ?? []);
}
