import { readFileSync } from 'node:fs';
import formats from 'ajv-formats';
import { type Document, OpenAPIBackend } from 'openapi-backend';

export interface RestRequest {
  method: string;
  /** Below `/api/v3`, still percent-encoded. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

export interface Operation {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  params: Record<string, string>;
}

/** GitHub's own OpenAPI description, asked about requests and answers. */
export interface RestValidation {
  match(request: Pick<RestRequest, 'method' | 'path'>): Operation | null;
  /** @returns what is wrong with the request, a line each */
  checkRequest(operation: Operation, request: RestRequest): string[];
  /** @returns what is wrong with the answer, a line each */
  checkAnswer(operation: Operation, status: number, body: unknown): string[];
}

const description = new URL('openapi/github.json', import.meta.url);

export async function loadRestValidation(): Promise<RestValidation> {
  const backend = new OpenAPIBackend({
    definition: JSON.parse(readFileSync(description, 'utf8')) as Document,
    quick: true,
    ajvOpts: { strict: false, allErrors: true, logger: false },
    customizeAjv: (ajv) => formats.default(ajv, ['date-time', 'uri']),
  });
  await backend.init();
  const find = ({ id }: Operation) => {
    const operation = backend.router.getOperation(id);
    if (!operation) throw new Error(`local GitHub: ${id} is not in the OpenAPI description`);
    return operation;
  };
  return {
    match: ({ method, path }) => {
      const request = { method: method.toLowerCase(), path: joinLastParts(path), headers: {} };
      const operation = backend.router.matchOperation(request);
      if (!operation?.operationId) return null;
      const { params } = backend.router.parseRequest(request, operation);
      return { id: operation.operationId, params: decodeAll(params) };
    },
    checkRequest: (operation, request) => {
      const checked = backend.validator.validateRequest(
        { ...request, method: request.method.toLowerCase(), path: joinLastParts(request.path) },
        find(operation),
      );
      return describe(checked.errors);
    },
    checkAnswer: (operation, status, body) => {
      const known = find(operation).responses ?? {};
      // GitHub documents the refusals of an operation now and then only; their shape is the same everywhere.
      if (!(status in known)) return status >= 400 || status === 301 ? [] : [`no answer ${status} is documented`];
      const content = (known[status] as { content?: Record<string, unknown> }).content;
      if (!content?.['application/json']) return [];
      return describe(backend.validator.validateResponse(body, find(operation), status).errors);
    },
  };
}

/** A path in a repository and the name of a branch may hold slashes; the description's router knows none in a part. */
function joinLastParts(path: string): string {
  const [, start, rest, end = ''] =
    /^(\/repos\/[^/]+\/[^/]+\/(?:contents|git\/ref|branches|commits)\/)(.*?)(\/check-runs)?$/.exec(path) ?? [];
  if (!start || rest === undefined) return path;
  return `${start}${encodeURIComponent(decodeURIComponent(rest) || '/')}${end}`;
}

function decodeAll(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
}

function describe(
  errors: { instancePath: string; message?: string; params: unknown }[] | null | undefined,
): string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`,
  );
}
