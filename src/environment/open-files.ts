import path from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';
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
}

const maxCharacters = 1_000_000;
/** Anchors can make a small file huge. */
const maxAliases = 200;

export function openFiles(tree: RepositoryTree): Files {
  const unclear = new Set<string>();
  const texts = new Map<string, Promise<string | null>>();
  const values = new Map<string, Promise<unknown>>();

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
  };
}

const maxDepth = 200;

/**
 * Whether a text is nested so deeply that a parser would exhaust the stack. V8 ends the whole process if it
 * compiles a regular expression then.
 */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [character] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (character === '[' || character === '{' ? 1 : -1));
    if (depth > maxDepth) return true;
  }
  // Lists of lists in one line, and indentation of many levels.
  return /(?:[-?:][ \t]+){100}|^[ \t]{400}/m.test(text);
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
