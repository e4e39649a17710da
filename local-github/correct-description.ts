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

/** As much of an OpenAPI description as is read here; what ajv reads is left to ajv. */
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

/** Where GitHub's description says what GitHub does not mean. */
export function correctDescription(description: unknown): Description {
  const corrected = allowNull(description) as Json;
  // In this one list it wants each account to be a user and an enterprise at once.
  const list = corrected.paths?.['/app/installations']?.get?.responses?.['200'];
  const schema = list?.content?.['application/json']?.schema;
  if (!schema) throw new Error('local GitHub: the OpenAPI description lacks apps/list-installations');
  Object.assign(schema, { items: { $ref: '#/components/schemas/installation' } });
  return corrected as unknown as Description;
}

/** `nullable` beside a list of values means null too; JSON Schema takes the list at its word. */
function allowNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowNull);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, allowNull(value)]));
  if (copy.nullable === true && Array.isArray(copy.enum) && !copy.enum.includes(null)) copy.enum.push(null);
  return copy;
}
