type Json = { [name: string]: Json };

export interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
  required?: boolean;
}

interface Response {
  $ref?: string;
  content?: Record<string, unknown>;
}

/**
 * The fields of an OpenAPI description that this folder reads. The schemas are missing here, because only Ajv
 * reads them.
 */
export interface Description {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId?: string;
        parameters?: Parameter[];
        requestBody?: { required?: boolean };
        responses?: Record<string, Response>;
      }
    >
  >;
  components: { parameters: Record<string, Parameter>; responses: Record<string, Response> };
}

/** Corrects the places where GitHub's description does not match GitHub's real responses. */
export function correctDescription(description: unknown): Description {
  const corrected = allowNull(description) as Json;
  // GitHub's schema for this list wrongly requires every account to be a user and an enterprise at the same
  // time.
  const list = corrected.paths?.['/app/installations']?.get?.responses?.['200'];
  const schema = list?.content?.['application/json']?.schema;
  if (!schema) throw new Error('local GitHub: the OpenAPI description lacks apps/list-installations');
  Object.assign(schema, { items: { $ref: '#/components/schemas/installation' } });
  return corrected as unknown as Description;
}

/**
 * Adds null to the `enum` of each nullable schema. `nullable` allows null in OpenAPI, but JSON Schema allows
 * only the values in the `enum`.
 */
function allowNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowNull);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, allowNull(value)]));
  if (copy.nullable === true && Array.isArray(copy.enum) && !copy.enum.includes(null)) copy.enum.push(null);
  return copy;
}
