/** The number of tokens that are remembered. Tokens expire within hours, and each one is used many times. */
const maxTokens = 50;

export interface SecretLearner {
  /** Sends a request, and remembers the tokens in its headers. */
  fetch: typeof globalThis.fetch;
  remember(secret: string): void;
  /** Returns what was remembered. */
  activeSecrets(): string[];
}

/**
 * Creates a collection of the credentials that a provider's library obtains by itself, such as access tokens.
 * Pullwright must not reveal them, although they are in none of its settings.
 */
export function createSecretLearner(fetch: typeof globalThis.fetch): SecretLearner {
  const known = new Set<string>();
  const remember = (secret: string) => {
    // The newest secret is the last one.
    known.delete(secret);
    known.add(secret);
    const [oldest] = known;
    if (known.size > maxTokens && oldest !== undefined) known.delete(oldest);
  };
  return {
    remember,
    activeSecrets: () => [...known],
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
      for (const token of [bearer, headers.get('x-amz-security-token')]) if (token) remember(token);
      return fetch(url, init);
    },
  };
}
