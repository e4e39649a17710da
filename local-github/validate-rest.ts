import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import { correctDescription, type Description } from './correct-description.js';
import { listOperations } from './match-operation.js';

export interface RestRequest {
  method: string;
  /** Below `/api/v3`, still percent-encoded. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Undefined where there is none. */
  body: unknown;
}

export interface Operation {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  /** Of the path, decoded. */
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

const file = new URL('openapi/github.json', import.meta.url);

let loaded: RestValidation | undefined;

/** A schema is compiled when it is first needed, once for all servers of a process. */
export function loadRestValidation(): RestValidation {
  loaded ??= createRestValidation(correctDescription(JSON.parse(readFileSync(file, 'utf8'))));
  return loaded;
}

function createRestValidation(description: Description): RestValidation {
  const operations = listOperations(description.paths);
  const checkJson = createChecker(description, false);
  // What stands in an address is text, whatever the description calls it.
  const checkText = createChecker(description, 'array');
  const find = ({ id }: Operation) => {
    const found = operations.find((operation) => operation.id === id);
    if (!found) throw new Error(`local GitHub: ${id} is not in the OpenAPI description`);
    const [, template = '', method = ''] = found.at;
    return { at: found.at, described: description.paths[template]?.[method] ?? {} };
  };
  return {
    match: ({ method, path }) => {
      for (const operation of operations) {
        const found = operation.method === method.toLowerCase() && operation.pattern.exec(path);
        if (!found) continue;
        const values = operation.names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]);
        return { id: operation.id, params: Object.fromEntries(values) };
      }
      return null;
    },
    checkRequest: (operation, { query, body, headers }) => {
      const { at, described } = find(operation);
      const parameters = (described.parameters ?? []).map((parameter, index) => {
        const name = parameter.$ref?.split('/').at(-1);
        return name
          ? { ...description.components.parameters[name], at: ['components', 'parameters', name] }
          : { ...parameter, at: [...at, 'parameters', String(index)] };
      });
      const given: Record<string, Record<string, string>> = { path: operation.params, query };
      const wrong = parameters.flatMap((parameter) => {
        const value = given[parameter.in ?? '']?.[parameter.name ?? ''];
        if (value === undefined) return parameter.required ? [`${parameter.name} is missing`] : [];
        return checkText([...parameter.at, 'schema'], value).map((error) => `${parameter.name}: ${error}`);
      });
      const known = new Set(parameters.map(({ name }) => name));
      const unknown = Object.keys(query).filter((name) => !known.has(name));
      return [
        ...wrong,
        ...unknown.map((name) => `there is no query parameter "${name}"`),
        ...checkBody(body, headers, described.requestBody, (value) =>
          checkJson([...at, 'requestBody', 'content', 'application/json', 'schema'], value),
        ),
      ];
    },
    checkAnswer: (operation, status, body) => {
      const { at, described } = find(operation);
      const answer = described.responses?.[status];
      // GitHub documents the refusals of an operation now and then only; their shape is the same everywhere.
      if (!answer) return status >= 400 || status === 301 ? [] : [`no answer ${status} is documented`];
      const name = answer.$ref?.split('/').at(-1);
      const content = name ? description.components.responses[name]?.content : answer.content;
      if (!content?.['application/json']) return [];
      const start = name ? ['components', 'responses', name] : [...at, 'responses', String(status)];
      return checkJson([...start, 'content', 'application/json', 'schema'], body);
    },
  };
}

function checkBody(
  body: unknown,
  headers: Record<string, string>,
  described: { required?: boolean } | undefined,
  check: (body: unknown) => string[],
): string[] {
  if (!described) return [];
  if (body === undefined) return described.required ? ['a body is missing'] : [];
  if (!/\bjson\b/.test(headers['content-type'] ?? '')) return ['the body is not called JSON'];
  return check(body);
}

/** @returns checks a value against the schema at some place of the description */
function createChecker(description: Description, coerceTypes: false | 'array') {
  // Inlined and optimized, some schemas would take seconds to compile.
  const quick = { inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, coerceTypes, ...quick });
  formats.default(ajv, ['date-time', 'uri']);
  ajv.addSchema(description, 'github');
  return (at: string[], value: unknown): string[] => {
    const pointer = at
      .map((part) => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1')))
      .join('/');
    const validate = ajv.getSchema(`github#/${pointer}`);
    if (!validate) throw new Error(`local GitHub: the OpenAPI description has no schema at ${pointer}`);
    validate(value);
    return describe(validate.errors);
  };
}

function describe(errors: ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`,
  );
}
