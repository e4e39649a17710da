import { RunEndedError } from '../runs/outcome.js';

/** A request that octokit is about to send: its method, its URL, and its fields. */
export interface OutgoingRequest {
  method: string;
  url: string;
  [field: string]: unknown;
}

/** GitHub's limit for any text, in characters. */
const maxCharacters = 65_536;
/** Options for octokit itself, which are not sent to GitHub. */
const notSent = new Set(['request', 'hook']);
/** Human-readable names of request fields. */
const names: Record<string, string> = {
  body: 'body',
  url: 'address',
  'output.summary': 'summary',
  'output.title': 'title',
};

/**
 * Refuses to write to GitHub if a text contains an active secret or is longer than GitHub accepts. This is
 * the last check. Texts are already redacted when they are composed, so this check stops only what redaction
 * missed. The error names the field, but never quotes its value.
 * @param holdsSecret returns whether a text contains an active secret
 * @throws RunEndedError
 */
export function guardOutput(request: OutgoingRequest, holdsSecret: (text: string) => boolean): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { method, url } = request;
  // The URL is checked first, because errors about other fields quote it.
  const fields: [string, string][] = [['url', url], ...textsOf(request)];
  for (const [field, text] of fields) {
    const fault = holdsSecret(text)
      ? 'contains a credential'
      : text.length > maxCharacters
        ? `has ${text.length} characters; GitHub's limit is ${maxCharacters}`
        : null;
    if (fault) throw stopped(field === 'url' ? method : `${method} ${url}`, field, fault);
  }
  // A credential can be split across several fields, so the fields are also checked together.
  if (fields.length > 1 && holdsSecret(fields.map(([, text]) => text).join('\n')))
    throw stopped(method, null, 'contains a credential');
}

function stopped(asked: string, field: string | null, fault: string): RunEndedError {
  const where = field === null ? 'A request' : `The ${names[field] ?? field} of a request`;
  const reason = `${where} to GitHub (${asked}) ${fault}, so it was not sent.`;
  return new RunEndedError({ kind: 'failed', reason });
}

/** Yields every text of a request, except the token that authorizes it. */
function* textsOf(request: OutgoingRequest): Generator<[field: string, text: string]> {
  for (const [name, value] of Object.entries(request))
    if (name !== 'url' && !notSent.has(name))
      for (const [field, text] of walk(name, value))
        if (field.toLowerCase() !== 'headers.authorization') yield [field, text];
  yield ['names', Object.keys(request).join(' ')];
}

function* walk(name: string, value: unknown): Generator<[string, string]> {
  if (typeof value === 'string') yield [name, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) {
      // The key is checked before its value, because errors about the value quote the key.
      if (!Array.isArray(value)) yield [name, key];
      yield* walk(Array.isArray(value) ? name : `${name}.${key}`, part);
    }
}
