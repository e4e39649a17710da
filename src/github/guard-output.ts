import { RunEnded } from '../runs/settlement.js';

/** A request as octokit is about to send it: its address, and its fields beside. */
export interface OutgoingRequest {
  method: string;
  url: string;
  [field: string]: unknown;
}

/** GitHub's own limit for every text that it takes. */
const maxCharacters = 65_536;
const ownFields = new Set(['method', 'url', 'baseUrl', 'headers', 'mediaType', 'request', 'hook', 'query']);
/** A word for a person, where a field's own name says too little. */
const names: Record<string, string> = { body: 'body', 'output.summary': 'summary', 'output.title': 'title' };

/**
 * The last gate before GitHub: no request that writes leaves with a credential in it, or larger than GitHub takes. What is composed
 * was cleaned before; what gets here all the same is stopped, and what is said of it names the field, never the value.
 * @param holdsSecret whether a credential can be read out of a text
 * @throws RunEnded
 */
export async function guardOutput(
  request: OutgoingRequest,
  holdsSecret: (text: string) => Promise<boolean>,
): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const fields = [...textsOf(request)];
  for (const [field, text] of fields) {
    const fault = (await holdsSecret(text))
      ? 'holds a credential'
      : text.length > maxCharacters
        ? `has ${text.length} characters; ${maxCharacters} is GitHub's limit`
        : null;
    if (fault) throw stopped(request, field, fault);
  }
  // In pieces over several fields.
  if (fields.length > 1 && (await holdsSecret(fields.map(([, text]) => text).join('\n'))))
    throw stopped(request, null, 'holds a credential');
}

function stopped({ method, url }: OutgoingRequest, field: string | null, fault: string): RunEnded {
  const where = field === null ? 'what' : `the ${names[field] ?? field} of what`;
  const because = `${where} was to be sent to GitHub (${method} ${url}) ${fault}, so nothing was sent`;
  return new RunEnded({ kind: 'failed', because });
}

/** Every text of a request, and of the address that it is put together to. */
function* textsOf(request: OutgoingRequest): Generator<[field: string, text: string]> {
  for (const [name, value] of Object.entries(request)) if (!ownFields.has(name)) yield* walk(name, value);
  // GraphQL: the query is ours, but a value may have been written into it.
  if (typeof request.query === 'string') yield ['query', request.query];
  if (!request.url.includes('{')) yield ['address', request.url];
}

function* walk(name: string, value: unknown): Generator<[string, string]> {
  if (typeof value === 'string') yield [name, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) {
      yield* walk(Array.isArray(value) ? name : `${name}.${key}`, part);
      if (!Array.isArray(value)) yield [name, key];
    }
}
