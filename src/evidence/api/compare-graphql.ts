import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildASTSchema,
  type DefinitionNode,
  type GraphQLSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  Kind,
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
 * @returns null if no file defines a type; `several` if files define the same type
 * @throws Error if a file is no GraphQL, or if the types do not fit together
 */
export function readGraphQl(files: readonly string[]): GraphQLSchema | null | 'several' {
  const definitions = files
    .flatMap((text) => parse(text, { noLocation: true, maxTokens }).definitions)
    .filter((one) => isTypeSystemDefinitionNode(one) || isTypeSystemExtensionNode(one));
  if (definitions.length === 0) return null;
  const names = definitions.flatMap((one) => (isTypeDefinitionNode(one) ? [one.name.value] : []));
  const defined = new Set(names);
  if (defined.size < names.length) return 'several';
  // Services of a federation extend types that others define.
  const whole = definitions.map((one): DefinitionNode => {
    if (!isTypeExtensionNode(one) || defined.has(one.name.value)) return one;
    defined.add(one.name.value);
    return { ...one, kind: one.kind.replace('Extension', 'Definition') } as DefinitionNode;
  });
  // Directives and types of servers and of federation are defined elsewhere, so the schema may be incomplete.
  const options = { assumeValidSDL: true, assumeValid: true };
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: whole }, options);
}

/** Finds the differences between two GraphQL schemas. */
export async function compareGraphQl(before: GraphQLSchema, after: GraphQLSchema): Promise<ApiDifference[]> {
  const changes = await diff(before, after);
  return changes.map(({ criticality, message }) => ({ level: levels[criticality.level], says: message }));
}
