import type Anthropic from '@anthropic-ai/sdk';

type Fetch = typeof globalThis.fetch;

/** The parts of the SDKs' clients that Pullwright uses. Every provider has them. */
export interface MessagesClient {
  messages: Pick<Anthropic['messages'], 'create' | 'stream'>;
  beta: { messages: Pick<Anthropic['beta']['messages'], 'stream'> };
}

/** What a provider checks, for messages about a refusal. */
export interface Credential {
  /** Such as `key`. */
  kind: string;
  /** What people should check, such as `ANTHROPIC_API_KEY`. */
  source: string;
  /** Matches what a 403 says about a credential that is wrong. Most providers answer 401 instead. */
  wrongCredential?: RegExp;
}

/** A model's provider that is ready for requests. */
export interface Provider {
  /** Creates a client whose requests go through `fetch`. The client does not retry. */
  connect(fetch?: Fetch): MessagesClient;
  /** Sends a request, and learns its credentials. */
  fetch: Fetch;
  credential: Credential;
  /** Returns the credentials that the provider's libraries obtained by themselves. */
  activeSecrets(): string[];
}

/** Options for the client of every SDK. */
export const commonOptions = {
  // If the SDK retried, it would wait inside this process, for up to an hour. A restart would lose the wait.
  // The engine stores its waits in Postgres, so only the engine retries.
  maxRetries: 0,
  logLevel: 'off',
} as const;

/** Where a provider's requests go, and what they contain in addition. */
export interface Endpoint {
  /** Null for the provider's own endpoint. */
  baseUrl: string | null;
  /** Headers for each request. */
  headers: Readonly<Record<string, string>>;
}

/** What providers use to reach the network. */
export interface Surroundings {
  /** Sends the requests. */
  fetch: Fetch;
}
