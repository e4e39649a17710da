import { type ApiLevel, compareSchemas, resolve } from './compare-schemas.js';
import { listIn, type Node, nodesIn, readDocument, toNode } from './read-document.js';

export interface ApiDifference {
  level: ApiLevel;
  /** A description in words, such as `GET /orders, response 200: total is removed`. */
  says: string;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const maxDifferences = 500;

/** Reads a document that describes an API. Returns null if the text does not. */
export function readOpenApi(text: string): Node | null {
  const document = readDocument(text);
  const version = document?.openapi ?? document?.swagger;
  return document && toNode(document.paths) && /^[23]\./.test(String(version)) ? document : null;
}

/** Finds the differences between two descriptions of an API, in Swagger 2 or OpenAPI 3. */
export function compareOpenApi(before: Node, after: Node): ApiDifference[] {
  const found = new Map<string, ApiDifference>();
  const report = (level: ApiLevel, says: string) => {
    if (found.size < maxDifferences) found.set(says, { level, says });
  };
  const [was, is] = [operationsOf(before), operationsOf(after)];
  for (const [key, operation] of was) {
    const other = is.get(key);
    if (!other) report('breaking', `${operation.name} is removed`);
    else compareOperations({ before, after, report }, operation, other);
  }
  for (const [key, { name }] of is) if (!was.has(key)) report('compatible', `${name} is new`);
  return [...found.values()];
}

interface Documents {
  before: Node;
  after: Node;
  report(level: ApiLevel, says: string): void;
}

interface Operation {
  /** Such as `GET /orders/{id}`. */
  name: string;
  node: Node;
  parameters: Map<string, Node>;
}

/** Lists the operations by method and path. The names of parameters in a path do not matter to clients. */
function operationsOf(document: Node): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [path, raw] of nodesIn(document.paths)) {
    const item = resolve(document, raw) ?? raw;
    for (const [method, node] of nodesIn(item)) {
      if (!methods.includes(method)) continue;
      const parameters = new Map<string, Node>();
      for (const one of [...listIn(item.parameters), ...listIn(node.parameters)]) {
        const parameter = resolve(document, one);
        if (parameter && parameter.in !== 'path')
          parameters.set(`${String(parameter.in)} parameter ${String(parameter.name)}`, parameter);
      }
      const key = `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;
      found.set(key, { name: `${method.toUpperCase()} ${path}`, node, parameters });
    }
  }
  return found;
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
      documents.report(
        status.startsWith('2') ? 'breaking' : 'dangerous',
        `${name}: response ${status} is removed`,
      );
    else if (response && other)
      compareContents({ ...documents, report: reportFor }, contentOf(response), contentOf(other), 'response');
  }
  for (const status of is.keys()) if (!was.has(status)) report('compatible', `response ${status} is new`);
  const isOpen = ({ node }: Operation, { security }: Node) => listIn(node.security ?? security).length === 0;
  if (isOpen(before, documents.before) && !isOpen(after, documents.after))
    report('breaking', 'requires authentication now');
}

function compareParameters(documents: Documents, before: Operation, after: Operation): void {
  const { report } = documents;
  for (const [name, parameter] of before.parameters) {
    const other = after.parameters.get(name);
    if (name.startsWith('body parameter ') || name.startsWith('formData parameter ')) continue;
    if (!other) report('dangerous', `${name} is no longer read`);
    else {
      if (other.required === true && parameter.required !== true)
        report('breaking', `${name} becomes required`);
      // In Swagger 2, the parameter is its own schema.
      const schemas = [parameter.schema ?? parameter, other.schema ?? other];
      compareSchemas(schemas[0], schemas[1], name, { ...documents, way: 'request' });
    }
  }
  for (const [name, parameter] of after.parameters) {
    if (before.parameters.has(name) || name.startsWith('body parameter ')) continue;
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
  const body = resolve(document, node.requestBody);
  if (body) return { isRequired: body.required === true, content: contentOf(body) };
  const old = [...parameters.values()].find((parameter) => parameter.in === 'body');
  return old ? { isRequired: old.required === true, content: contentOf(old) } : null;
}

/** Returns the schemas by media type. In Swagger 2, there is one for all media types. */
function contentOf(node: Node): Map<string, Node> {
  const content = nodesIn(node.content);
  if (content.size > 0) return content;
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
  for (const [type, { schema }] of before) {
    const other = after.get(type);
    if (!other) report('breaking', `the media type ${type} is removed`);
    else compareSchemas(schema, other.schema, '', { ...documents, way });
  }
  for (const type of after.keys())
    if (!before.has(type)) report('compatible', `the media type ${type} is new`);
}
