import { listIn, type Node, nodesIn } from './read-document.js';
import { resolve } from './resolve-reference.js';

/** One way to call an API. */
export interface Operation {
  /** Such as `GET /orders/{id}`. */
  name: string;
  node: Node;
  /** By their place and name, such as `query parameter page`. `body` is the body in Swagger 2. */
  parameters: Map<string, Node>;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Lists the operations by method and path. The names of parameters in a path do not matter to clients. */
export function listOperations(document: Node): Map<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [path, raw] of nodesIn(document.paths)) {
    const item = resolve(document, raw) ?? raw;
    for (const [method, node] of nodesIn(item)) {
      if (!methods.includes(method)) continue;
      const parameters = new Map<string, Node>();
      for (const one of [...listIn(item.parameters), ...listIn(node.parameters)]) {
        const parameter = resolve(document, one);
        if (parameter) parameters.set(nameParameter(parameter, path), parameter);
      }
      const key = `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;
      found.set(key, { name: `${method.toUpperCase()} ${path}`, node, parameters });
    }
  }
  return found;
}

function nameParameter({ in: place, name }: Node, path: string): string {
  if (place === 'body') return 'body';
  if (place !== 'path') return `${String(place)} parameter ${String(name)}`;
  const names = Array.from(path.matchAll(/\{([^}]*)\}/g), ([, one]) => one);
  return `path parameter ${names.indexOf(String(name)) + 1}`;
}
