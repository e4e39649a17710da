import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import { correctDescription, type Description, type Parameter } from './correct-description.js';
import { listOperations, type OperationDescription } from './list-operations.js';

export interface RestRequest {
  method: string;
  /** The path without the prefix `/api/v3`, still percent-encoded. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Undefined if the request has no body. */
  body: unknown;
}

export interface Operation {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  /** Maps the name of each path parameter to its decoded value. */
  params: Record<string, string>;
}

/** Validates requests and responses against GitHub's own OpenAPI description. */
export interface RestValidation {
  /**
   * Finds the operation of a request.
   * @returns null when no described operation has this method and path
   */
  match(request: Pick<RestRequest, 'method' | 'path'>): Operation | null;
  /** @returns one line for each fault of the request */
  checkRequest(operation: Operation, request: RestRequest): string[];
  /** @returns one line for each fault of the response */
  checkAnswer(operation: Operation, status: number, body: unknown): string[];
}

const file = new URL('github.json', import.meta.url);

let loaded: RestValidation | undefined;

/**
 * Returns the validator, which all servers of a process share to save time. The validator compiles each
 * schema on first use.
 */
export function loadRestValidation(): RestValidation {
  loaded ??= createRestValidation(correctDescription(JSON.parse(readFileSync(file, 'utf8'))));
  return loaded;
}

/**
 * Checks a value against the schema at a location in the description. The location consists of the parts of a
 * JSON pointer. Returns one line for each fault.
 */
type SchemaCheck = (at: string[], value: unknown) => string[];

function createRestValidation(description: Description): RestValidation {
  const operations = listOperations(description.paths);
  const checkJson = createSchemaCheck(description, false);
  // URL parameters are always text. This check first converts them to the type that the description requires.
  const checkText = createSchemaCheck(description, 'array');
  const find = ({ id }: Operation) => {
    const found = operations.find((operation) => operation.id === id);
    if (!found) throw new Error(`local GitHub: ${id} is not in the OpenAPI description`);
    const [, template = '', method = ''] = found.at;
    return { at: found.at, described: description.paths[template]?.[method] ?? {} };
  };
  return {
    match: (request) => matchOperation(operations, request),
    checkRequest: (operation, { query, body, headers }) => {
      const { at, described } = find(operation);
      const parameters = (described.parameters ?? []).map((one, index) =>
        resolveParameter(description, one, [...at, 'parameters', String(index)]),
      );
      return [
        ...checkParameters(parameters, { path: operation.params, query }, checkText),
        ...checkBody(body, headers, described.requestBody, (value) =>
          checkJson([...at, 'requestBody', 'content', 'application/json', 'schema'], value),
        ),
      ];
    },
    checkAnswer: (operation, status, body) => {
      const { at, described } = find(operation);
      const answer = described.responses?.[status];
      // Accept error responses that GitHub does not document. GitHub documents only a few of its error
      // responses, and all have the same format.
      if (!answer) return status >= 400 || status === 301 ? [] : [`GitHub documents no answer ${status}`];
      const name = answer.$ref?.split('/').at(-1);
      const content = name ? description.components.responses[name]?.content : answer.content;
      if (!content?.['application/json']) return [];
      const start = name ? ['components', 'responses', name] : [...at, 'responses', String(status)];
      return checkJson([...start, 'content', 'application/json', 'schema'], body);
    },
  };
}

function matchOperation(
  operations: OperationDescription[],
  { method, path }: Pick<RestRequest, 'method' | 'path'>,
): Operation | null {
  for (const operation of operations) {
    const found = operation.method === method.toLowerCase() && operation.pattern.exec(path);
    if (!found) continue;
    const values = operation.names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]);
    return { id: operation.id, params: Object.fromEntries(values) };
  }
  return null;
}

interface ResolvedParameter extends Parameter {
  /** Location of the parameter in the description, as the parts of a JSON pointer. */
  at: string[];
}

function resolveParameter(description: Description, parameter: Parameter, at: string[]): ResolvedParameter {
  const name = parameter.$ref?.split('/').at(-1);
  return name
    ? { ...description.components.parameters[name], at: ['components', 'parameters', name] }
    : { ...parameter, at };
}

function checkParameters(
  parameters: ResolvedParameter[],
  given: { path: Record<string, string>; query: Record<string, string> },
  check: SchemaCheck,
): string[] {
  const faults = parameters.flatMap(({ name = '', in: place, required, at }) => {
    const value = place === 'path' || place === 'query' ? given[place][name] : undefined;
    if (value === undefined) return required ? [`the parameter ${name} is missing`] : [];
    return check([...at, 'schema'], value).map((fault) => `the parameter ${name}: ${fault}`);
  });
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = Object.keys(given.query).filter((name) => !known.has(name));
  return [...faults, ...unknown.map((name) => `GitHub has no query parameter "${name}" here`)];
}

function checkBody(
  body: unknown,
  headers: Record<string, string>,
  described: { required?: boolean } | undefined,
  check: (body: unknown) => string[],
): string[] {
  if (!described) return [];
  if (body === undefined) return described.required ? ['the body is missing'] : [];
  if (!/\bjson\b/.test(headers['content-type'] ?? '')) return ['the content-type of the body is not JSON'];
  return check(body);
}

function createSchemaCheck(description: Description, coerceTypes: false | 'array'): SchemaCheck {
  // Turn off inlining and optimization. With them, some schemas take seconds to compile.
  const quick = { inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, coerceTypes, ...quick });
  formats.default(ajv, ['date-time', 'uri']);
  ajv.addSchema(description, 'github');
  return (at, value) => {
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
