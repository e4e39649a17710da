import Anthropic from '@anthropic-ai/sdk';
import { commonOptions, type Endpoint, type Provider } from './provider.js';

/** Opens the Claude API, or a gateway that speaks it. */
export function openAnthropic({
  apiKey,
  authToken = null,
  baseUrl = null,
  headers = {},
  fetch = globalThis.fetch,
}: Partial<Endpoint> & {
  apiKey: string | null;
  authToken?: string | null;
  fetch?: typeof globalThis.fetch;
}): Provider {
  return {
    fetch,
    connect: (watched = fetch) =>
      new Anthropic({
        ...commonOptions,
        apiKey,
        authToken,
        // Without this, the SDK would read its own variable.
        baseURL: baseUrl ?? 'https://api.anthropic.com',
        // The SDK sends a key as a bearer token. Some gateways look only here, where Claude Code sends it.
        defaultHeaders: { ...(baseUrl && apiKey && { 'X-Api-Key': apiKey }), ...headers },
        fetch: watched,
      }),
    credential:
      apiKey === null
        ? { kind: 'token', source: 'ANTHROPIC_AUTH_TOKEN' }
        : { kind: 'key', source: 'ANTHROPIC_API_KEY' },
    activeSecrets: () => [],
  };
}
