export interface OperationDescription {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  /** Where it is in the description, as a JSON pointer's parts. */
  at: string[];
  method: string;
  pattern: RegExp;
  names: string[];
}

/** What may hold slashes: a path in a repository, and the name of a branch. */
const withSlashes = new Set(['path', 'ref', 'branch']);

/** The description's operations, in the order in which a path is held against them. */
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
  // Words before parameters, and `commits/{ref}/check-runs` before a `{ref}` that takes everything.
  return operations.sort(
    (one, other) => one.names.length - other.names.length || length(other) - length(one),
  );
}

function toPattern(template: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = template.replace(/\/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    // The root folder's path is empty.
    if (name === 'path') return '(?:/(.*))?';
    return withSlashes.has(name) ? '/(.+)' : '/([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

function length({ at }: OperationDescription): number {
  return at.join().length;
}
