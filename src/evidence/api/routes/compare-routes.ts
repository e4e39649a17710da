import path from 'node:path';
import { isScript } from '../../changed-lines/parse-script.js';
import { isProductCode } from '../../find-faults.js';
import type { ApiTrees } from '../api-trees.js';
import { readPythonRoutes } from './read-python-routes.js';
import { type FileRoutes, joinPaths, readScriptRoutes } from './read-script-routes.js';

type When = 'before' | 'after';

const maxFiles = 100;
const maxDepth = 4;
const maxCharacters = 500_000;

/**
 * Finds the routes that the source code of a change adds and removes. Reads the changed files, and the files
 * that mount their routers.
 * @returns routes such as `GET /orders/:id`, in order
 */
export async function compareRoutes(trees: ApiTrees): Promise<{ added: string[]; removed: string[] }> {
  const changed = trees.changes
    .flatMap(({ path: file, from }) => (from === undefined ? [file] : [file, from]))
    .filter((file) => isProductCode(file) && (isScript(file) || file.endsWith('.py')))
    .slice(0, maxFiles);
  const [before, after] = [new Reader(trees, 'before'), new Reader(trees, 'after')];
  // A changed prefix changes the routes of files that are the same as before.
  const files = new Set(changed);
  for (const reader of [before, after])
    for (const file of changed) for (const target of await reader.listMounted(file)) files.add(target);
  const [was, is] = [await before.readAll(files), await after.readAll(files)];
  const without = (all: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...all].filter((route) => !other.has(route)).sort();
  return { added: without(is, was), removed: without(was, is) };
}

/** Reads the routes of one of the two commits. */
class Reader {
  private readonly files: ReadonlySet<string>;
  private readonly read = new Map<string, Promise<FileRoutes | null>>();

  constructor(
    private readonly trees: ApiTrees,
    private readonly when: When,
  ) {
    this.files = new Set(trees.paths[when]);
  }

  /** Returns the routes of files, with the prefixes of the files that mount them. */
  async readAll(files: Iterable<string>): Promise<Set<string>> {
    const found = new Set<string>();
    for (const file of files) {
      const routes = (await this.readFile(file))?.routes ?? [];
      if (routes.length === 0) continue;
      for (const prefix of await this.prefixesOf(file, 0))
        for (const route of routes) {
          const [method = '', where = ''] = route.split(' ');
          found.add(`${method} ${joinPaths(prefix, where)}`);
        }
    }
    return found;
  }

  /** Lists the files whose routers a file mounts. */
  async listMounted(file: string): Promise<string[]> {
    const { mounts, imports } = (await this.readFile(file)) ?? { mounts: [], imports: new Map() };
    return mounts.flatMap(({ name }) => this.resolve(file, imports.get(name)) ?? []);
  }

  /** Returns the prefixes under which other files mount the router of a file; [''] if none does. */
  private async prefixesOf(file: string, depth: number): Promise<string[]> {
    if (!isScript(file) || depth === maxDepth) return [''];
    const { name, dir } = path.posix.parse(file);
    const word = name === 'index' ? path.posix.basename(dir) : name;
    const users = word === '' ? [] : await this.trees.findWord(this.when, word);
    const found: string[] = [];
    for (const user of users.filter(isScript).slice(0, maxFiles)) {
      const { mounts, imports } = (await this.readFile(user)) ?? { mounts: [], imports: new Map() };
      const own = mounts.filter((mount) => this.resolve(user, imports.get(mount.name)) === file);
      if (own.length === 0 || user === file) continue;
      for (const outer of await this.prefixesOf(user, depth + 1))
        found.push(...own.map(({ prefix }) => joinPaths(outer, prefix)));
    }
    return found.length > 0 ? found : [''];
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

  /** Returns the file that a relative import means. */
  private resolve(from: string, module: string | undefined): string | null {
    if (!module?.startsWith('.')) return null;
    const target = path.posix.join(path.posix.dirname(from), module);
    const stem = target.replace(/\.[cm]?jsx?$/, '');
    const endings = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '.tsx', '.jsx', '/index.ts', '/index.js'];
    return [target, ...endings.map((ending) => stem + ending)].find((file) => this.files.has(file)) ?? null;
  }
}
