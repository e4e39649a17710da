import path from 'node:path';
import { type FileRoutes, joinPaths } from './read-script-routes.js';

const decorator =
  /^[ \t]*@(\w+)\.(get|post|put|patch|delete|options|head|route|websocket)\(\s*(?:path\s*=\s*)?["']([^"'\n]*)["']([^)]*)/gm;
const router = /^(\w+)(?:\s*:\s*\w+)?\s*=\s*(?:\w+\.)?(?:APIRouter|Blueprint)\(([\s\S]{0,500}?)\)\s*$/gm;

/** The options can contain calls. */
const mount = /\.include_router\(\s*(\w+)(?:\.(\w+))?\s*((?:,(?:[^()]|\([^()]{0,500}\)){0,500})?)\)/g;
const importFrom = /^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]{0,5000}\)|[^\n#(]*)/gm;

/**
 * Reads the routes of Flask and FastAPI from a Python file, and the routers of FastAPI that it mounts. In
 * Flask, a mount can replace the prefix of a blueprint, so its mounts are not read.
 */
export function readPythonRoutes(source: string): FileRoutes {
  const text = source.replace(/^[ \t]*#.*$/gm, '');
  const prefixes = new Map<string, string>();
  for (const [, name = '', options = ''] of text.matchAll(router)) prefixes.set(name, readPrefix(options));
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
  const mounts = [...text.matchAll(mount)].map(([, name = '', attribute, options = '']) => ({
    ...{ name, prefix: readPrefix(options), module: null, ...(attribute && { router: attribute }) },
  }));
  return { routes, mounts, imports: readImports(text) };
}

/** A prefix that is no literal, such as `settings.prefix`, becomes a parameter of the route. */
function readPrefix(options: string): string {
  const [, quoted, computed] =
    /\b(?:url_)?prefix\s*=\s*(?:[fr]?["']([^"']*)["']|([\w.]+))/.exec(options) ?? [];
  return quoted ?? (computed ? `/{${computed}}` : '');
}

/** Returns what each imported name means, such as `.routers.orders` for `from .routers import orders`. */
function readImports(text: string): Map<string, string> {
  const imports = new Map<string, string>();
  for (const [, module = '', list = ''] of text.matchAll(importFrom))
    for (const item of list.replace(/[()]|#[^\n]*/g, '').split(',')) {
      const [name = '', , alias = name] = item.trim().split(/\s+/);
      if (/^\w+$/.test(name)) imports.set(alias, `${module.replace(/([^.])$/, '$1.')}${name}`);
    }
  return imports;
}

/**
 * Finds the file that an import means. The last part of its name can also be a name within the file.
 * @param from the file that imports
 * @param name such as `.routers.orders` or `app.routers.orders.router`
 */
export function resolvePythonImport(files: ReadonlySet<string>, from: string, name: string): string | null {
  const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(name) ?? [];
  const folder =
    dots === '' ? null : path.posix.join(path.posix.dirname(from), ...Array(dots.length - 1).fill('..'));
  const parts = rest.split('.');
  for (const chosen of [parts, parts.slice(0, -1)]) {
    const endings = [`${chosen.join('/')}.py`, `${[...chosen, '__init__.py'].join('/')}`];
    const found =
      folder === null
        ? [...files].filter((file) => endings.some((end) => `/${file}`.endsWith(`/${end}`)))
        : endings.map((end) => path.posix.join(folder, end)).filter((file) => files.has(file));
    if (found.length === 1) return found[0] ?? null;
  }
  return null;
}
