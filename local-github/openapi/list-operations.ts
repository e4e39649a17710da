export interface OperationDescription {
  /** GitHub's operation id, such as `pulls/create`. */
  id: string;
  /** Its place in the description, as the parts of a JSON pointer. */
  at: string[];
  method: string;
  pattern: RegExp;
  names: string[];
}

/** Parameters that may contain slashes: a path in a repository, and the name of a branch. */
const withSlashes = new Set(['path', 'ref', 'branch']);

/** Lists the operations of the description in the order in which they are matched. */
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
  // A fixed word matches before a parameter, and `commits/{ref}/check-runs` before a `{ref}` that takes any
  // text.
  return operations.sort(
    (one, other) => one.names.length - other.names.length || length(other) - length(one),
  );
}

function toPattern(template: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = template.replace(/\/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    // The path of the root folder is empty.
    if (name === 'path') return '(?:/(.*))?';
    return withSlashes.has(name) ? '/(.+)' : '/([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

function length({ at }: OperationDescription): number {
  return at.join().length;
}
