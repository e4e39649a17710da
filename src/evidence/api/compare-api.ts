import type { Change } from '../../workspace/workspace.js';
import type { Api } from '../evidence.js';
import type { ApiTrees } from './api-trees.js';
import { compareGraphQl, readGraphQl } from './compare-graphql.js';
import { type ApiDifference, compareOpenApi, readOpenApi } from './compare-openapi.js';
import { compareRoutes } from './routes/compare-routes.js';

const graphQlFile = /\.(?:graphqls?|gql|graphqlschema)$/;
const documentFile = /\.(?:ya?ml|json)$/;
const maxFiles = 500;
const maxCharacters = 5_000_000;
const maxDifferences = 500;

/**
 * Compares the API of the base commit with that of the change, as far as files describe it: OpenAPI, Swagger
 * and GraphQL schemas, and the source code that registers routes.
 * @returns null if the change touches no description and no route
 */
export async function compareApi(trees: ApiTrees): Promise<Api | null> {
  const api: Api = { files: [], differences: [], notes: [] };
  for (const change of trees.changes)
    if (documentFile.test(change.path)) await compareDocument(trees, change, api);
  await compareSchema(trees, api);
  await addRoutes(trees, api);
  if (api.differences.length > maxDifferences) {
    api.notes.push(`Only the first ${maxDifferences} of ${api.differences.length} differences are kept.`);
    api.differences.length = maxDifferences;
  }
  return api.files.length + api.notes.length > 0 ? api : null;
}

async function compareDocument(trees: ApiTrees, { path, from, status }: Change, api: Api): Promise<void> {
  const read = async (when: 'before' | 'after', file: string) => {
    const text = await trees.readFile(when, file);
    return text === null || text.length > maxCharacters ? null : readOpenApi(text);
  };
  const before = status === 'added' ? null : await read('before', from ?? path);
  const after = status === 'deleted' ? null : await read('after', path);
  if (!before) return;
  add(
    api,
    path,
    after
      ? compareOpenApi(before, after)
      : [{ level: 'breaking', says: 'the file no longer describes an API' }],
  );
}

/** Compares the schema in all GraphQL files together, because a type can use those of other files. */
async function compareSchema(trees: ApiTrees, api: Api): Promise<void> {
  const changed = trees.changes.filter(
    ({ path, from }) => graphQlFile.test(path) || graphQlFile.test(from ?? ''),
  );
  if (changed.length === 0) return;
  const read = async (when: 'before' | 'after') => {
    const files = trees.paths[when].filter((path) => graphQlFile.test(path)).slice(0, maxFiles);
    const texts = await Promise.all(files.map((file) => trees.readFile(when, file)));
    return readGraphQl(texts.map((text) => (text ?? '').slice(0, maxCharacters)));
  };
  const name = changed.length === 1 ? (changed[0]?.path ?? '') : 'the GraphQL schema';
  try {
    const [before, after] = [await read('before'), await read('after')];
    if (!before) return;
    add(
      api,
      name,
      after
        ? await compareGraphQl(before, after)
        : [{ level: 'breaking', says: 'the files no longer define a schema' }],
    );
  } catch (error) {
    const reason = String((error as Error).message)
      .split('\n')[0]
      ?.slice(0, 200);
    api.notes.push(`The GraphQL schema could not be compared: ${reason}`);
  }
}

/** Adds the routes that no description names. */
async function addRoutes(trees: ApiTrees, api: Api): Promise<void> {
  const { added, removed } = await compareRoutes(trees);
  const described = new Set(api.differences.map(({ says }) => toKey(/^[A-Z]+ \S+/.exec(says)?.[0] ?? '')));
  const differences = [
    ...removed.map((route) => ({ level: 'breaking' as const, route, end: 'is no longer registered' })),
    ...added.map((route) => ({ level: 'compatible' as const, route, end: 'is new' })),
  ].filter(({ route }) => !described.has(toKey(route)));
  if (differences.length === 0) return;
  const found = differences.map(({ level, route, end }) => ({ level, says: `${route} ${end}` }));
  add(api, 'the routes in the source code', found);
}

/** A parameter is `:id` or `<int:id>` in code, and `{id}` in a description. */
function toKey(route: string): string {
  return route.replace(/:\w+|\{[^}]*\}|<[^>]*>/g, '{}');
}

function add(api: Api, file: string, differences: readonly ApiDifference[]): void {
  api.files.push(file);
  api.differences.push(...differences.map((one) => ({ file, ...one })));
}
