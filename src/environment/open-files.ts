import path from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';
import { isTooDeep } from '../task/is-too-deep.js';
import type { RepositoryTree } from './repository-tree.js';
import { stripJsonComments } from './strip-json-comments.js';

/** Reads a repository's files. What cannot be read becomes a sentence, never an exception. */
export interface Files {
  paths: ReadonlySet<string>;
  /** One sentence for each thing that could not be understood. */
  unclear: Set<string>;
  /** @returns null if there is no such file, or if it is too large */
  text(file: string): Promise<string | null>;
  /** @returns null if there is no such file, or if it is not valid YAML */
  yaml(file: string): Promise<unknown>;
  /** Reads JSON, which may contain comments. */
  json(file: string): Promise<unknown>;
  toml(file: string): Promise<unknown>;
  /**
   * Counts work. Files that refer to each other many times would otherwise cause work without end.
   * @returns false once it was too much
   */
  spend(work?: number): boolean;
}

const maxCharacters = 1_000_000;
/** Anchors can make a small file huge. */
const maxAliases = 200;
const maxWork = 100_000;

export function openFiles(tree: RepositoryTree): Files {
  const unclear = new Set<string>();
  const texts = new Map<string, Promise<string | null>>();
  const values = new Map<string, Promise<unknown>>();
  let left = maxWork;

  const text = (file: string) => {
    const known = texts.get(file) ?? readText(tree, file, unclear);
    texts.set(file, known);
    return known;
  };
  const parseWith = (format: string, parse: (text: string) => unknown) => (file: string) => {
    const known = values.get(file) ?? text(file).then((found) => parseText(found, file));
    values.set(file, known);
    return known;

    function parseText(found: string | null, name: string): unknown {
      if (found === null) return null;
      if (isTooDeep(found)) {
        unclear.add(`${name} is nested too deeply, so it was not read.`);
        return null;
      }
      try {
        return parse(found.replace(/^\uFEFF/, ''));
      } catch (error) {
        // A parser can only fail because of the file. Deep nesting, for example, exhausts the stack.
        const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
        unclear.add(`${name} is not valid ${format}: ${line.replace(/:$/, '').slice(0, 150)}.`);
        return null;
      }
    }
  };
  return {
    paths: tree.files,
    unclear,
    text,
    yaml: parseWith('YAML', parseYaml),
    json: parseWith('JSON', (found) => JSON.parse(stripJsonComments(found))),
    toml: parseWith('TOML', (found) => parseToml(found)),
    spend: (work = 1) => {
      left -= work;
      if (left < 0) unclear.add('The files refer to each other so often that only a part was read.');
      return left >= 0;
    },
  };
}

async function readText(tree: RepositoryTree, file: string, unclear: Set<string>): Promise<string | null> {
  if (!tree.files.has(file)) return null;
  const found = await tree.readFile(file);
  if (found === null || found.length <= maxCharacters) return found;
  unclear.add(`${file} is larger than 1 MB, so it was not read.`);
  return null;
}

function parseYaml(found: string): unknown {
  const document = parseDocument(found, { logLevel: 'silent', merge: true, uniqueKeys: false });
  if (document.errors[0]) throw document.errors[0];
  // JSON.stringify rejects circular aliases.
  const json = JSON.stringify(document.toJS({ maxAliasCount: maxAliases }) ?? null);
  return JSON.parse(json ?? 'null');
}

/**
 * Joins a folder and a path relative to it.
 * @returns the path relative to the root of the repository, '' for the root; null if it is outside
 */
export function joinInside(folder: string, relative: string): string | null {
  const joined = path.posix.normalize(path.posix.join('/', folder, relative.replace(/^\/+/, '')));
  // `normalize` stops at the root. A path that climbs above it is therefore compared without the root.
  const free = path.posix.normalize(path.posix.join(folder || '.', relative.replace(/^\/+/, '')));
  if (free === '..' || free.startsWith('../')) return null;
  return joined.replace(/^\/+|\/+$/g, '');
}
