import path from 'node:path';
import type { Change } from '../../workspace/workspace.js';
import type { Api } from '../evidence.js';
import { isTestPath } from '../runners/runners.js';
import type { ApiTrees } from './api-trees.js';
import { compareGraphQl, readGraphQl } from './compare-graphql.js';
import { compareJsonSchema, readJsonSchema } from './compare-json-schema.js';
import { type ApiDifference, compareOpenApi, readOpenApi } from './compare-openapi.js';
import { compareProtobuf, type Protobuf, readProtobuf } from './compare-protobuf.js';
import type { Node } from './read-document.js';
import { compareRoutes, nameless } from './routes/compare-routes.js';

const graphQlFile = /\.(?:graphqls?|gql|graphqlschema)$/;
const protobufFile = /\.proto$/;
const documentFile = /\.(?:ya?ml|json)$/;
/** APIs of others, and examples. */
const foreign = /(?:^|\/)(?:vendor|third[-_]?party|node_modules|fixtures?|examples?|samples?|mocks?)\//i;
const maxFiles = 500;
const maxProtobufFiles = 50;
const maxCharacters = 5_000_000;
const maxDifferences = 500;

/**
 * Compares the API of the base commit with that of the change, as far as files describe it: OpenAPI, Swagger,
 * JSON Schema, GraphQL, protobuf, and the source code that registers routes.
 * @returns null if the change touches no description and no route
 */
export async function compareApi(trees: ApiTrees): Promise<Api | null> {
  const api: Api = { files: [], differences: [], notes: [] };
  await compareDocuments(trees, api);
  await compareSchema(trees, api);
  await compareProtobufFiles(trees, api);
  await addRoutes(trees, api);
  const order = ['breaking', 'dangerous', 'compatible'];
  api.differences.sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
  if (api.differences.length > maxDifferences) {
    api.notes.push(`Only the worst ${maxDifferences} of ${api.differences.length} differences are kept.`);
    api.differences.length = maxDifferences;
  }
  return api.files.length + api.notes.length > 0 ? api : null;
}

interface Document {
  path: string;
  node: Node;
  text: string;
  compare: (before: Node, after: Node) => ApiDifference[];
}

/** The kinds of documents in YAML or JSON that describe an API. */
const kinds = [
  { readText: readOpenApi, compare: compareOpenApi },
  { readText: readJsonSchema, compare: compareJsonSchema },
];

async function compareDocuments(trees: ApiTrees, api: Api): Promise<void> {
  const read = async (when: 'before' | 'after', file: string): Promise<Document | null> => {
    const text = await trees.readFile(when, file);
    if (text === null || text.length > maxCharacters) return null;
    for (const { readText, compare } of kinds) {
      const node = readText(text);
      if (node) return { path: file, node, text, compare };
    }
    return null;
  };
  const gone: Document[] = [];
  const added: Document[] = [];
  for (const { path: file, from, status } of trees.changes.filter((one) => isChangeOf(documentFile, one))) {
    const before = status === 'added' ? null : await read('before', from ?? file);
    const after = status === 'deleted' ? null : await read('after', file);
    if (before && after) compareFile(before, after, api);
    else if (before && status !== 'deleted')
      api.notes.push(`${file} no longer describes an API, or it cannot be read.`);
    else if (before) gone.push(before);
    else if (after) added.push(after);
  }
  // A description can move to a file with another name or format.
  for (const before of gone) {
    const after = gone.length === 1 && added.length === 1 ? added[0] : undefined;
    if (after) compareFile(before, after, api);
    else api.notes.push(`${before.path}, which described an API, is deleted.`);
  }
}

function compareFile(before: Document, after: Document, api: Api): void {
  add(api, after.path, after.compare(before.node, after.node));
  if (/["']?\$ref["']?\s*:\s*["']?[^#"'\s]/.test(after.text))
    api.notes.push(`References of ${after.path} to other files were not followed.`);
}

/** Compares the schema in the GraphQL files of a folder and its subfolders together. */
async function compareSchema(trees: ApiTrees, api: Api): Promise<void> {
  const changed = trees.changes.filter((one) => isChangeOf(graphQlFile, one));
  if (changed.length === 0) return;
  const read = async (when: 'before' | 'after', files: readonly string[]) => {
    const texts = await Promise.all(files.slice(0, maxFiles).map((file) => trees.readFile(when, file)));
    return readGraphQl(texts.map((text) => (text ?? '').slice(0, maxCharacters)));
  };
  const listed = (when: 'before' | 'after', folder: string) =>
    trees.paths[when].filter(
      (file) =>
        graphQlFile.test(file) && !foreign.test(file) && (folder === '' || file.startsWith(`${folder}/`)),
    );
  const name = changed.length === 1 ? (changed[0]?.path ?? '') : 'the GraphQL schema';
  try {
    let [before, after] = [
      await read('before', listed('before', '')),
      await read('after', listed('after', '')),
    ];
    if (before === 'several' || after === 'several') {
      // Several services have their own schemas. Those of the changed file are in its folder.
      const folder = path.posix.dirname(changed[0]?.path ?? '').replace(/^\.$/, '');
      [before, after] = [
        await read('before', listed('before', folder)),
        await read('after', listed('after', folder)),
      ];
    }
    if (before === 'several' || after === 'several') throw new Error('several files define the same types');
    if (!before) return;
    if (!after) api.notes.push(`${name} no longer defines types.`);
    else add(api, name, await compareGraphQl(before, after));
  } catch (error) {
    api.notes.push(`The GraphQL schema could not be compared: ${firstLine(error)}`);
  }
}

/**
 * Compares the changed protobuf files together, because a definition can move from one to another. If two of
 * them define the same name, as two versions of a service do, the name belongs to its file.
 */
async function compareProtobufFiles(trees: ApiTrees, api: Api): Promise<void> {
  const all = trees.changes.filter((one) => isChangeOf(protobufFile, one));
  const changed = all.slice(0, maxProtobufFiles);
  if (all.length > changed.length)
    api.notes.push(`Only ${changed.length} of ${all.length} changed protobuf files were compared.`);
  const read = async (when: 'before' | 'after', file: string): Promise<Protobuf> =>
    readProtobuf((await trees.readFile(when, file)) ?? '');
  const files: { path: string; before: Protobuf; after: Protobuf }[] = [];
  for (const { path: file, from } of changed) {
    try {
      const [before, after] = [await read('before', from ?? file), await read('after', file)];
      files.push({ path: file, before, after });
    } catch (error) {
      api.notes.push(`${file} could not be compared: ${firstLine(error)}`);
    }
  }
  if (files.every(({ before }) => before.size === 0)) return;
  const seen = (when: 'before' | 'after') => files.flatMap((one) => [...one[when].keys()]);
  const isShared = new Set([...listRepeated(seen('before')), ...listRepeated(seen('after'))]);
  const join = (when: 'before' | 'after'): Protobuf =>
    new Map(
      files.flatMap((one) =>
        [...one[when]].map(([name, found]) => [isShared.has(name) ? `${one.path}: ${name}` : name, found]),
      ),
    );
  const name = files.length === 1 ? (files[0]?.path ?? '') : 'the protobuf files';
  add(api, name, compareProtobuf(join('before'), join('after')));
}

function listRepeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}

function isChangeOf(files: RegExp, { path: file, from }: Change): boolean {
  return [file, from ?? ''].some((one) => files.test(one)) && !foreign.test(file) && !isTestPath(file);
}

function firstLine(error: unknown): string {
  return (String((error as Error).message).split('\n')[0] ?? '').slice(0, 200);
}

/** Adds the routes that no description names. */
async function addRoutes(trees: ApiTrees, api: Api): Promise<void> {
  const { added, removed } = await compareRoutes(trees);
  const described = new Set(api.differences.map(({ says }) => nameless(/^[A-Z]+ \S+/.exec(says)?.[0] ?? '')));
  const differences = [
    // Only reading is sure. The code may register the route in a way that the reader does not know.
    ...removed.map((route) => ({
      level: 'dangerous' as const,
      route,
      end: 'is no longer in the source code',
    })),
    ...added.map((route) => ({ level: 'compatible' as const, route, end: 'is new' })),
  ].filter(({ route }) => !described.has(nameless(route)));
  if (differences.length === 0) return;
  const found = differences.map(({ level, route, end }) => ({ level, says: `${route} ${end}` }));
  add(api, 'the routes in the source code', found);
}

function add(api: Api, file: string, differences: readonly ApiDifference[]): void {
  api.files.push(file);
  api.differences.push(...differences.map((one) => ({ file, ...one })));
}
