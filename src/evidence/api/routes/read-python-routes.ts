import { type FileRoutes, joinPaths } from './read-script-routes.js';

const decorator =
  /^[ \t]*@(\w+)\.(get|post|put|patch|delete|options|head|route|websocket)\(\s*(?:path\s*=\s*)?["']([^"'\n]*)["']([^)]*)/gm;
const router = /^(\w+)(?:\s*:\s*\w+)?\s*=\s*(?:\w+\.)?(?:APIRouter|Blueprint)\(([\s\S]{0,500}?)\)\s*$/gm;

/** Reads the routes of Flask and FastAPI from a Python file. */
export function readPythonRoutes(text: string): FileRoutes {
  const prefixes = new Map<string, string>();
  for (const [, name = '', options = ''] of text.matchAll(router))
    prefixes.set(name, /\b(?:url_)?prefix\s*=\s*["']([^"']*)["']/.exec(options)?.[1] ?? '');
  const routes: FileRoutes['routes'] = [];
  for (const [, object = '', method = '', path = '', options = ''] of text.matchAll(decorator)) {
    // Other decorators have the same names, such as `@mock.patch("module.name")`.
    if (path !== '' && !path.startsWith('/')) continue;
    const listed = /\bmethods\s*=\s*[[({]([^\])}]*)/.exec(options)?.[1]?.match(/\w+/g);
    const methods = method === 'route' ? (listed ?? ['GET']) : [method];
    for (const one of methods)
      routes.push({
        route: `${one.toUpperCase()} ${joinPaths(prefixes.get(object) ?? '', path)}`,
        of: object,
      });
  }
  return { routes, mounts: [], imports: new Map() };
}
