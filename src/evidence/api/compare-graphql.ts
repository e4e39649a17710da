import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLSchema,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  parse,
} from 'graphql';
import type { ApiDifference } from './compare-openapi.js';
import type { ApiLevel } from './compare-schemas.js';

const maxTokens = 200_000;

const levels: Record<CriticalityLevel, ApiLevel> = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'compatible',
};

/**
 * Reads a GraphQL schema from its files. Leaves out queries and other operations of clients.
 * @returns null if no file defines a type
 * @throws Error if a file is no GraphQL, or if the types do not fit together
 */
export function readGraphQl(files: readonly string[]): GraphQLSchema | null {
  const documents = files.map((text): DocumentNode => {
    const document = parse(text, { noLocation: true, maxTokens });
    return {
      ...document,
      definitions: document.definitions.filter(
        (one) => isTypeSystemDefinitionNode(one) || isTypeSystemExtensionNode(one),
      ),
    };
  });
  const document = concatAST(documents);
  if (document.definitions.length === 0) return null;
  // Directives and types of servers and of federation are defined elsewhere, so the schema may be incomplete.
  return buildASTSchema(document, { assumeValidSDL: true, assumeValid: true });
}

/** Finds the differences between two GraphQL schemas. */
export async function compareGraphQl(before: GraphQLSchema, after: GraphQLSchema): Promise<ApiDifference[]> {
  const changes = await diff(before, after);
  return changes.map(({ criticality, message }) => ({ level: levels[criticality.level], says: message }));
}
