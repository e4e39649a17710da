import { buildSchema, execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import type { Answer, Json } from '../answer.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import { GraphqlRefusal, mutations } from './mutations.js';
import { queries } from './queries.js';

let loading: Promise<GraphQLSchema> | undefined;

/**
 * Loads GitHub's GraphQL schema on the first query instead of at the start, because loading takes half a
 * second.
 */
function loadSchema(): Promise<GraphQLSchema> {
  loading ??= import('@octokit/graphql-schema').then(({ schema }) =>
    buildSchema(schema.idl, { assumeValidSDL: true, assumeValid: true }),
  );
  return loading;
}

/**
 * Executes a query that is valid for GitHub's schema. Records any other query as a violation. As on GitHub,
 * the response to an invalid query has HTTP status 200 and contains the errors.
 */
export async function handleGraphql(
  context: Context,
  authorization: string | undefined,
  body: unknown,
): Promise<Answer> {
  const violate = (message: string) => context.violations.push(`graphql: ${message}`);
  try {
    const caller = context.tokens.identify(authorization);
    if (caller.kind !== 'installation')
      throw new Refusal(401, 'This endpoint requires you to be authenticated.');
    const { query, variables } = (body ?? {}) as { query?: string; variables?: Json };
    if (typeof query !== 'string') {
      violate('the request has no query');
      throw new Refusal(400, 'A query attribute must be specified and must be a string.');
    }
    const document = parse(query);
    const schema = await loadSchema();
    const faults = validate(schema, document);
    if (faults.length > 0) {
      for (const { message } of faults) violate(message);
      return { status: 200, body: { errors: faults.map(renderError) } };
    }
    const result = await execute({
      schema,
      document,
      rootValue: { ...mutations, ...queries },
      contextValue: { context, token: caller.token },
      variableValues: variables ?? null,
    });
    for (const error of result.errors ?? [])
      if (!(error.originalError instanceof GraphqlRefusal)) violate(error.message);
    return {
      status: 200,
      body: { ...result, ...(result.errors && { errors: result.errors.map(renderError) }) },
    };
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (!(error instanceof GraphQLError)) throw error;
    violate(error.message);
    return { status: 200, body: { errors: [renderError(error)] } };
  }
}

function renderError(error: GraphQLError): Json {
  const { originalError } = error;
  const { message, locations, path } = error.toJSON();
  return {
    ...(originalError instanceof GraphqlRefusal && { type: originalError.type }),
    path,
    locations,
    message,
  };
}
