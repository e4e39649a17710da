import { buildSchema, execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { type Answer, type Json, type Parts, Refusal } from '../parts.js';
import { GraphqlRefusal, mutations } from './mutations.js';
import { queries } from './queries.js';

let loading: Promise<GraphQLSchema> | undefined;

/** GitHub's whole schema takes half a second, so only those who ask pay for it. */
function loadSchema(): Promise<GraphQLSchema> {
  loading ??= import('@octokit/graphql-schema').then(({ schema }) =>
    buildSchema(schema.idl, { assumeValidSDL: true, assumeValid: true }),
  );
  return loading;
}

/** Answers a query that GitHub's own schema allows; anything wrong with it is a violation and, as on GitHub, HTTP 200. */
export async function handleGraphql(
  parts: Parts,
  authorization: string | undefined,
  body: unknown,
): Promise<Answer> {
  const violate = (message: string) => parts.violations.push(`graphql: ${message}`);
  try {
    const caller = parts.tokens.identify(authorization);
    if (caller.kind !== 'installation')
      throw new Refusal(401, 'This endpoint requires you to be authenticated.');
    const { query, variables } = (body ?? {}) as { query?: string; variables?: Json };
    if (typeof query !== 'string') {
      violate('a request without a query');
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
      contextValue: { parts, token: caller.token },
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
