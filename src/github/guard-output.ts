import { RunEndedError } from '../runs/outcome.js';

/** A request as octokit is about to send it: its address, and its fields beside. */
export interface OutgoingRequest {
  method: string;
  url: string;
  [field: string]: unknown;
}

/** GitHub's own limit for every text that it takes. */
const maxCharacters = 65_536;
/** How it is sent, not what: functions and signals. */
const notSent = new Set(['request', 'hook']);
/** A word for a person, where a field's own name says too little. */
const names: Record<string, string> = {
  body: 'body',
  url: 'address',
  'output.summary': 'summary',
  'output.title': 'title',
};
/** With these in it a credential is not known for one by a program, and by everybody else it is. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

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
  const holds = async (text: string) => {
    const shown = text.replace(invisible, '');
    return (await holdsSecret(text)) || (shown !== text && (await holdsSecret(shown)));
  };
  const { method, url } = request;
  // The address first: where it holds nothing, what is said of the other fields names it.
  const fields: [string, string][] = [['url', url], ...textsOf(request)];
  for (const [field, text] of fields) {
    const fault = (await holds(text))
      ? 'holds a credential'
      : text.length > maxCharacters
        ? `has ${text.length} characters; ${maxCharacters} is GitHub's limit`
        : null;
    if (fault) throw stopped(field === 'url' ? method : `${method} ${url}`, field, fault);
  }
  // In pieces over several fields.
  if (fields.length > 1 && (await holds(fields.map(([, text]) => text).join('\n'))))
    throw stopped(method, null, 'holds a credential');
}

function stopped(asked: string, field: string | null, fault: string): RunEndedError {
  const where = field === null ? 'what' : `the ${names[field] ?? field} of what`;
  const reason = `${where} was to be sent to GitHub (${asked}) ${fault}, so nothing was sent`;
  return new RunEndedError({ kind: 'failed', reason });
}

/** Every text of a request but the token that it is allowed by. */
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
      // The name before what it names: what is said of that tells the name.
      if (!Array.isArray(value)) yield [name, key];
      yield* walk(Array.isArray(value) ? name : `${name}.${key}`, part);
    }
}
