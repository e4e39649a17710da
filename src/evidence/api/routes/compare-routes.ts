import path from 'node:path';
import { isScript } from '../../changed-lines/parse-script.js';
import { isProductCode } from '../../find-faults.js';
import type { ApiTrees } from '../api-trees.js';
import { readPythonRoutes, resolvePythonImport } from './read-python-routes.js';
import { type FileRoutes, joinPaths, readScriptRoutes } from './read-script-routes.js';

type When = 'before' | 'after';

const maxFiles = 100;
const maxPrefixes = 20;
const maxCharacters = 500_000;
/** Doubles of APIs, which clients use in tests and in development. */
const mocks = /(?:^|\/)(?:__mocks__|mocks?|msw|fixtures?|stories)\/|\.(?:mock|stories)\./i;

/**
 * Finds the routes that the source code of a change adds and removes. Reads the changed files, and the files
 * that mount their routers. Says nothing about files that it cannot parse.
 * @returns routes such as `GET /orders/:id`, in order
 */
export async function compareRoutes(trees: ApiTrees): Promise<{ added: string[]; removed: string[] }> {
  const changed = trees.changes
    .flatMap(({ path: file, from }) => (from === undefined ? [file] : [file, from]))
    .filter((file) => isProductCode(file) && !mocks.test(file) && (isScript(file) || file.endsWith('.py')))
    .slice(0, maxFiles);
  const [before, after] = [new Reader(trees, 'before'), new Reader(trees, 'after')];
  // A changed prefix changes the routes of files that are the same as before.
  const files = new Set(changed);
  for (const reader of [before, after])
    for (const file of changed) for (const target of await reader.listMounted(file)) files.add(target);
  for (const reader of [before, after])
    for (const file of files) if (await reader.isUnreadable(file)) return { added: [], removed: [] };
  const [was, is] = [await before.readAll(files), await after.readAll(files)];
  const without = (all: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
    [...all].flatMap(([key, route]) => (other.has(key) ? [] : [route])).sort();
  return { added: without(is, was), removed: without(was, is) };
}

/** Reads the routes of one of the two commits. */
class Reader {
  private readonly files: ReadonlySet<string>;
  private readonly read = new Map<string, Promise<FileRoutes | null>>();
  private readonly prefixes = new Map<string, string[]>();

  constructor(
    private readonly trees: ApiTrees,
    private readonly when: When,
  ) {
    this.files = new Set(trees.paths[when]);
  }

  /**
   * Returns the routes of files with the prefixes of the files that mount them, by what makes them the same.
   */
  async readAll(files: Iterable<string>): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const file of files) {
      const { routes, mounts } = (await this.readFile(file)) ?? nothing;
      if (routes.length === 0) continue;
      for (const { route, of } of routes)
        for (const prefix of await this.prefixesOf(file, of)) {
          const [method = '', where = ''] = route.split(' ');
          // A router can be mounted in its own file.
          const own = mounts.filter(({ name }) => name === of).map((mount) => mount.prefix);
          for (const inner of own.length > 0 ? own : ['']) {
            const whole = `${method} ${joinPaths(joinPaths(prefix, inner), where)}`;
            found.set(nameless(whole), whole);
          }
        }
    }
    return found;
  }

  /** Returns whether a file exists but has syntax that the parser does not know, or is too long. */
  async isUnreadable(file: string): Promise<boolean> {
    return this.files.has(file) && (await this.readFile(file)) === null;
  }

  /** Lists the files whose routers a file mounts. */
  async listMounted(file: string): Promise<string[]> {
    const { mounts, imports } = (await this.readFile(file)) ?? nothing;
    return mounts.flatMap(({ name, module }) => this.resolve(file, module ?? imports.get(name)) ?? []);
  }

  /**
   * Returns the prefixes under which other files mount a router of a file; [''] if none does.
   * @param router null for any router
   */
  private async prefixesOf(file: string, router: string | null): Promise<string[]> {
    const key = JSON.stringify([file, router]);
    const known = this.prefixes.get(key);
    if (known) return known;
    // Files can mount each other. This also ends the search for the prefixes of a file within itself.
    this.prefixes.set(key, ['']);
    const found = await this.findPrefixes(file, router);
    this.prefixes.set(key, found);
    return found;
  }

  private async findPrefixes(file: string, router: string | null): Promise<string[]> {
    const { name, dir, ext } = path.posix.parse(file);
    const isSameLanguage = (other: string) => (ext === '.py' ? other.endsWith('.py') : isScript(other));
    const word = name === 'index' || name === '__init__' ? path.posix.basename(dir) : name;
    const users = word === '' ? [] : await this.trees.findWord(this.when, word);
    const found = new Set<string>();
    for (const user of users.filter(isSameLanguage).slice(0, maxFiles)) {
      const { mounts, imports } = (await this.readFile(user)) ?? nothing;
      const own = mounts.filter(
        (one) =>
          this.resolve(user, one.module ?? imports.get(one.name)) === file &&
          (!router || !one.router || one.router === router),
      );
      if (own.length === 0 || user === file) continue;
      for (const outer of await this.prefixesOf(user, null))
        for (const { prefix } of own) if (found.size < maxPrefixes) found.add(joinPaths(outer, prefix));
    }
    return found.size > 0 ? [...found] : [''];
  }

  private readFile(file: string): Promise<FileRoutes | null> {
    const known = this.read.get(file) ?? this.parse(file);
    this.read.set(file, known);
    return known;
  }

  private async parse(file: string): Promise<FileRoutes | null> {
    const text = this.files.has(file) ? await this.trees.readFile(this.when, file) : null;
    if (text === null || text.length > maxCharacters) return null;
    return file.endsWith('.py') ? readPythonRoutes(text) : readScriptRoutes(file, text);
  }

  /** Returns the file that an import means. An alias such as `@/routes/users` means the end of a path. */
  private resolve(from: string, module: string | undefined): string | null {
    if (!module) return null;
    if (from.endsWith('.py')) return resolvePythonImport(this.files, from, module);
    const endings = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '.tsx', '.jsx', '/index.ts', '/index.js'];
    if (module.startsWith('.')) {
      const target = path.posix.join(path.posix.dirname(from), module);
      const stem = target.replace(/\.[cm]?jsx?$/, '');
      return [target, ...endings.map((ending) => stem + ending)].find((file) => this.files.has(file)) ?? null;
    }
    const alias = /^[@~#][^/]*\/(.+?)(?:\.[cm]?jsx?)?$/.exec(module)?.[1];
    if (!alias) return null;
    const ends = endings.map((ending) => `/${alias}${ending}`);
    const found = [...this.files].filter((file) => ends.some((end) => `/${file}`.endsWith(end)));
    return found.length === 1 ? (found[0] ?? null) : null;
  }
}

const nothing: FileRoutes = { routes: [], mounts: [], imports: new Map() };

/** Leaves out the names of parameters, which do not matter to clients: `:id`, `<int:id>` or `{id}`. */
export function nameless(route: string): string {
  return route.replace(/:\w+(?:\([^)]*\))?\??|\{[^}]*\}|<[^>]*>/g, '{}');
}
