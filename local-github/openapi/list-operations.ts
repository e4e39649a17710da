export interface OperationDescription {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  /** Location of the operation in the OpenAPI document, as the parts of a JSON pointer. */
  at: string[];
  method: string;
  pattern: RegExp;
  names: string[];
}

/** Parameters that may contain slashes, such as the path of a file or the name of a branch. */
const withSlashes = new Set(['path', 'ref', 'branch']);

/**
 * Lists the operations of the description. A request belongs to the first operation that matches it, so the
 * order of the operations is important.
 */
export function listOperations(
  paths: Record<string, Record<string, { operationId?: string }>>,
): OperationDescription[] {
  const operations = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      operationId
        ? [{ id: operationId, at: ['paths', template, method], method, ...toPattern(template) }]
        : [],
    ),
  );
  // Put operations with fewer path parameters first. Among operations with equally many, put longer paths
  // first. Otherwise, `commits/{ref}` would match requests for `commits/{ref}/check-runs`, because a ref may
  // contain slashes.
  return operations.sort(
    (one, other) => one.names.length - other.names.length || length(other) - length(one),
  );
}

function toPattern(template: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = template.replace(/\/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    // This parameter is optional, because the path of the root folder is empty.
    if (name === 'path') return '(?:/(.*))?';
    return withSlashes.has(name) ? '/(.+)' : '/([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

function length({ at }: OperationDescription): number {
  return at.join().length;
}
