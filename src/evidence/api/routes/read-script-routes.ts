import { isNode, parseScript, type SyntaxNode, walk } from '../../changed-lines/parse-script.js';

/** What a source file says about routes. */
export interface FileRoutes {
  /** Such as `GET /:id`, without the prefix under which the router `of` is mounted. */
  routes: { route: string; of: string }[];
  /**
   * Routers that the file mounts: the prefix, the name of the router in the file, and the module if it is
   * imported in place. `router` is the name of the router in the other file, if the name here means a module.
   */
  mounts: { prefix: string; name: string; module: string | null; router?: string }[];
  /** Modules by the names under which the file imports their values. */
  imports: Map<string, string>;
}

const methods = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'head', 'all']);
const mounting = new Set(['use', 'route', 'register', 'mount', 'basePath']);
/** Names of objects that register routes. Clients of HTTP have the same methods. */
const registrars = /(?:^|[a-z\d_$])(?:app|application|router|routes?|server|fastify|hono)$/i;
/** Clients and test doubles of HTTP, whose calls can look like routes. */
const clients = /^(?:\$|jquery|https?|rest|msw|nock|axios|client|request|agent|supertest|mock\w*|fetch\w*)$/i;
const handlers = new Set(['ArrowFunctionExpression', 'FunctionExpression']);

/**
 * Reads the routes of Express, Fastify, Koa, Hono and NestJS from a script.
 * @returns null if the script has syntax that the parser does not know
 */
export function readScriptRoutes(file: string, text: string): FileRoutes | null {
  const script = parseScript(file, text);
  if (!script) return null;
  const found: FileRoutes = { routes: [], mounts: [], imports: new Map() };
  walk(script.program, (node) => {
    if (node.type === 'ImportDeclaration') readImport(node, found);
    else if (node.type === 'VariableDeclarator') readRequire(node, found);
    else if (node.type === 'ClassDeclaration') readController(node, found);
    else if (node.type === 'CallExpression') readCall(node, found);
    return true;
  });
  return found;
}

function readImport({ source, specifiers }: SyntaxNode, { imports }: FileRoutes): void {
  const module = textOf(source);
  for (const one of nodesOf(specifiers)) {
    const name = nameOf(one.local);
    if (module !== null && name) imports.set(name, module);
  }
}

function readRequire({ id, init }: SyntaxNode, { imports }: FileRoutes): void {
  if (!isNode(init) || init.type !== 'CallExpression' || nameOf(init.callee) !== 'require') return;
  const module = textOf(nodesOf(init.arguments)[0]);
  if (module === null || !isNode(id)) return;
  const names =
    id.type === 'ObjectPattern' ? nodesOf(id.properties).map(({ value }) => nameOf(value)) : [nameOf(id)];
  for (const name of names) if (name) imports.set(name, module);
}

/** Reads a class of NestJS with the decorator `@Controller`. */
function readController({ decorators, body }: SyntaxNode, { routes }: FileRoutes): void {
  const controller = decoratorsOf(decorators).find(({ name }) => name === 'Controller');
  if (!controller || !isNode(body)) return;
  for (const member of nodesOf(body.body))
    for (const { name, paths } of decoratorsOf(member.decorators))
      for (const path of methods.has(name.toLowerCase()) ? paths : [])
        for (const prefix of controller.paths)
          routes.push({ route: `${name.toUpperCase()} ${joinPaths(prefix, path)}`, of: '' });
}

function decoratorsOf(decorators: unknown): { name: string; paths: string[] }[] {
  return nodesOf(decorators).flatMap(({ expression }) => {
    if (!isNode(expression) || expression.type !== 'CallExpression') return [];
    const name = nameOf(expression.callee);
    const [first] = nodesOf(expression.arguments);
    if (!first) return name ? [{ name, paths: [''] }] : [];
    const paths = textsOf(first.type === 'ObjectExpression' ? propertyOf(first, 'path') : first);
    const isPlain = first.type === 'ObjectExpression' && propertyOf(first, 'path') === undefined;
    return name ? [{ name, paths: isPlain ? [''] : paths }] : [];
  });
}

function readCall(call: SyntaxNode, found: FileRoutes): void {
  const { callee } = call;
  if (!isNode(callee) || callee.type !== 'MemberExpression' || !isNode(callee.object)) return;
  const method = nameOf(callee.property) ?? '';
  const args = nodesOf(call.arguments);
  const [first] = args;
  const of = receiverOf(callee.object);
  const isRegistrar = registrars.test(of);
  if (methods.has(method)) {
    const inChain = pathInChain(callee.object);
    const path = inChain ?? textOf(first);
    const isRoute = isRegistrar || (handlers.has(args.at(-1)?.type ?? '') && !clients.test(of));
    if (path !== null && /^[/*]|^$/.test(path) && isRoute && (inChain !== null || args.length > 1))
      found.routes.push({ route: `${method.toUpperCase()} ${joinPaths('', path)}`, of });
  } else if (method === 'route' && first?.type === 'ObjectExpression' && isRegistrar) {
    const path = textOf(propertyOf(first, 'url'));
    for (const one of textsOf(propertyOf(first, 'method')))
      if (path !== null) found.routes.push({ route: `${one.toUpperCase()} ${joinPaths('', path)}`, of });
  } else if (mounting.has(method)) readMounts(args, found);
}

/**
 * `app.use('/x', auth, router)`, `app.route('/x', create())`, and `app.register(plugin, { prefix: '/x' })`.
 */
function readMounts(args: readonly SyntaxNode[], { mounts }: FileRoutes): void {
  const [first, second] = args;
  if (!first || !second) return;
  const path = textOf(first);
  const prefix = path ?? textOf(propertyOf(second, 'prefix'));
  if (prefix === null) return;
  for (const router of path === null ? [first] : args.slice(1)) {
    const called = router.type === 'CallExpression' ? router.callee : router;
    const isRequire = nameOf(called) === 'require' && router.type === 'CallExpression';
    const module = isRequire ? textOf(nodesOf(router.arguments)[0]) : null;
    const name = nameOf(called);
    if (name) mounts.push({ prefix, name, module });
  }
}

/** Returns the path of `router.route('/x')` in `router.route('/x').get(a).post(b)`. */
function pathInChain(node: SyntaxNode): string | null {
  if (node.type !== 'CallExpression' || !isNode(node.callee) || !isNode(node.callee.object)) return null;
  const args = nodesOf(node.arguments);
  if (nameOf(node.callee.property) === 'route' && args.length === 1) return textOf(args[0]);
  return pathInChain(node.callee.object);
}

/** Returns the name of the object whose method is called, also at the start of a chain of calls. */
function receiverOf(node: SyntaxNode): string {
  if (node.type === 'CallExpression' && isNode(node.callee))
    return isNode(node.callee.object) ? receiverOf(node.callee.object) : (nameOf(node.callee) ?? '');
  return nameOf(node) ?? '';
}

/** Returns the name of an identifier, and the last name of `this.app`. */
function nameOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Identifier') return String(node.name);
  return node.type === 'MemberExpression' ? nameOf(node.property) : null;
}

function propertyOf(node: SyntaxNode, name: string): unknown {
  if (node.type !== 'ObjectExpression') return undefined;
  return nodesOf(node.properties).find(({ key }) => nameOf(key) === name)?.value;
}

function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'StringLiteral') return String(node.value);
  const [only, ...more] = nodesOf(node.quasis);
  return node.type === 'TemplateLiteral' && more.length === 0
    ? String((only?.value as { cooked?: unknown } | undefined)?.cooked ?? '')
    : null;
}

function textsOf(node: unknown): string[] {
  const nodes = isNode(node) && node.type === 'ArrayExpression' ? nodesOf(node.elements) : [node];
  return nodes.flatMap((one) => textOf(one) ?? []);
}

function nodesOf(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Joins the parts of a path, such as `/orders` and `:id`. */
export function joinPaths(prefix: string, path: string): string {
  const parts = `${prefix}/${path}`.split('/').filter(Boolean);
  return `/${parts.join('/')}`;
}
