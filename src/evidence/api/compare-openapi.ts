import { type ApiLevel, type Comparison, compareSchemas } from './compare-schemas.js';
import { listOperations, type Operation } from './list-operations.js';
import { listIn, type Node, nodesIn, readDocument, toNode } from './read-document.js';
import { resolve } from './resolve-reference.js';

export interface ApiDifference {
  level: ApiLevel;
  /** A description in words, such as `GET /orders, response 200: total is removed`. */
  says: string;
}

/** Reads a document that describes an API. Returns null if the text does not. */
export function readOpenApi(text: string): Node | null {
  // Most documents are something else, and parsing is slow.
  if (!/^[ \t{]*["']?(?:openapi|swagger)["']?[ \t]*:/m.test(text)) return null;
  const document = readDocument(text);
  const version = document?.openapi ?? document?.swagger;
  return document && toNode(document.paths) && /^[23]\./.test(String(version)) ? document : null;
}

/** Finds the differences between two descriptions of an API, in Swagger 2 or OpenAPI 3. */
export function compareOpenApi(before: Node, after: Node): ApiDifference[] {
  const found = new Map<string, ApiDifference>();
  const report = (level: ApiLevel, says: string) => {
    found.set(says, { level, says });
  };
  const [was, is] = [listOperations(before), listOperations(after)];
  const compared = { request: new WeakMap(), response: new WeakMap() };
  // The two versions describe bodies in different places, and a conversion changes nothing for clients.
  const isConverted = 'swagger' in before !== 'swagger' in after;
  for (const [key, operation] of was) {
    const other = is.get(key);
    if (!other) report('breaking', `${operation.name} is removed`);
    else if (!isConverted) compareOperations({ before, after, compared, report }, operation, other);
  }
  for (const [key, { name }] of is) if (!was.has(key)) report('compatible', `${name} is new`);
  const [from, to] = [placesOf(before), placesOf(after)];
  if (!isConverted && from !== '' && to !== '' && from !== to)
    report('dangerous', `the API moves from ${from} to ${to}`);
  return [...found.values()];
}

/** Returns the paths under which the servers of an API have it. Their hosts differ between environments. */
function placesOf({ servers, basePath }: Node): string {
  if (typeof basePath === 'string') return basePath;
  const paths = listIn(servers).flatMap((server) => {
    const url = toNode(server)?.url;
    return typeof url === 'string' ? [url.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/'] : [];
  });
  return [...new Set(paths)].sort().join(', ');
}

interface Documents {
  before: Node;
  after: Node;
  compared: Record<'request' | 'response', Comparison['compared']>;
  report(level: ApiLevel, says: string): void;
}

function compareOperations(documents: Documents, before: Operation, after: Operation): void {
  const { name } = after;
  const report = (level: ApiLevel, says: string) => documents.report(level, `${name}: ${says}`);
  compareParameters({ ...documents, report }, before, after);
  compareBodies({ ...documents, report }, bodyOf(documents.before, before), bodyOf(documents.after, after));
  const [was, is] = [nodesIn(before.node.responses), nodesIn(after.node.responses)];
  for (const [status, old] of was) {
    const reportFor = (level: ApiLevel, says: string) =>
      documents.report(level, `${name}, response ${status}: ${says}`);
    const response = resolve(documents.before, old);
    const other = resolve(documents.after, is.get(status));
    if (!is.has(status))
      report(status.startsWith('2') ? 'breaking' : 'dangerous', `response ${status} is removed`);
    else if (response && other)
      compareContents({ ...documents, report: reportFor }, contentOf(response), contentOf(other), 'response');
  }
  for (const status of is.keys()) if (!was.has(status)) report('compatible', `response ${status} is new`);
  compareSecurity({ ...documents, report }, before, after);
}

function compareSecurity({ before, after, report }: Documents, old: Operation, other: Operation): void {
  const [was, is] = [securityOf(old, before), securityOf(other, after)];
  if (was === is || is === '') return;
  report(
    was === '' ? 'breaking' : 'dangerous',
    was === '' ? 'requires authentication now' : 'requires another authentication',
  );
}

/** Returns what an operation requires, as text; '' if it also works without authentication. */
function securityOf({ node }: Operation, { security }: Node): string {
  const ways = listIn(node.security ?? security).map((one) => Object.entries(toNode(one) ?? {}));
  if (ways.length === 0 || ways.some((schemes) => schemes.length === 0)) return '';
  return ways
    .map((schemes) =>
      schemes
        .map(([name, scopes]) => [name, ...listIn(scopes)].map(String).sort().join(' '))
        .sort()
        .join('+'),
    )
    .sort()
    .join(', ');
}

function compareParameters(documents: Documents, before: Operation, after: Operation): void {
  const { report } = documents;
  for (const [name, parameter] of before.parameters) {
    const other = after.parameters.get(name);
    if (name === 'body') continue;
    if (!other) report('dangerous', `${name} is no longer read`);
    else {
      if (other.required === true && parameter.required !== true)
        report('breaking', `${name} becomes required`);
      // In Swagger 2, the parameter is its own schema.
      const schemas = [parameter.schema ?? parameter, other.schema ?? other];
      const compared = documents.compared.request;
      compareSchemas(schemas[0], schemas[1], name, { ...documents, way: 'request', compared });
    }
  }
  for (const [name, parameter] of after.parameters) {
    if (before.parameters.has(name) || name === 'body') continue;
    const isRequired = parameter.required === true;
    report(isRequired ? 'breaking' : 'compatible', `${name} is new${isRequired ? ' and required' : ''}`);
  }
}

interface Body {
  isRequired: boolean;
  content: Map<string, Node>;
}

/** Returns what clients send; null if an operation has no body. */
function bodyOf(document: Node, { node, parameters }: Operation): Body | null {
  const body = resolve(document, node.requestBody) ?? parameters.get('body');
  return body ? { isRequired: body.required === true, content: contentOf(body) } : null;
}

/** Returns the schemas by media type. In Swagger 2, there is one for all media types. */
function contentOf(node: Node): Map<string, Node> {
  const content = [...nodesIn(node.content)];
  if (content.length > 0)
    return new Map(content.map(([type, one]) => [type.split(';')[0]?.trim().toLowerCase() ?? type, one]));
  return toNode(node.schema) ? new Map([['*/*', node]]) : new Map();
}

function compareBodies(documents: Documents, before: Body | null, after: Body | null): void {
  const { report } = documents;
  if (before && !after) report('dangerous', 'the request body is no longer read');
  if (!after) return;
  if (after.isRequired && !before?.isRequired) report('breaking', 'a request body is required now');
  if (before) compareContents(documents, before.content, after.content, 'request');
}

function compareContents(
  documents: Documents,
  before: Map<string, Node>,
  after: Map<string, Node>,
  way: 'request' | 'response',
): void {
  const { report } = documents;
  const find = (type: string) =>
    after.get(type) ?? after.get('*/*') ?? (type === '*/*' ? [...after.values()][0] : undefined);
  for (const [type, { schema }] of before) {
    const other = find(type);
    const compared = documents.compared[way];
    if (!other) report('breaking', `the media type ${type} is removed`);
    else compareSchemas(schema, other.schema, '', { ...documents, way, compared });
  }
  for (const type of after.keys())
    if (!before.has(type) && !before.has('*/*')) report('compatible', `the media type ${type} is new`);
}
