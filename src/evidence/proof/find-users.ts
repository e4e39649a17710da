import path from 'node:path';

/** Reads the commit with the change. */
export interface CodeReader {
  /** Returns the paths of text files that contain a word. */
  findWord(word: string): Promise<string[]>;
  /** @returns null if there is no such file, or if it is too large */
  readFile(file: string): Promise<string | null>;
}

/** Maximum number of files with the word that are read. */
const maxRead = 100;
/** Other files refer to these files by the name of their folder. */
const namedByFolder = /^(?:index|mod|__init__|lib)$|\.go$/;

/** Matches lines that import a module, by the extension of the file that contains them. */
const imports: readonly [extension: RegExp, line: (name: string) => RegExp][] = [
  [/\.py$/, (name) => new RegExp(`^\\s*(?:from|import)\\b.*\\b${name}\\b`, 'm')],
  [/\.rb$/, (name) => new RegExp(`\\b(?:require(?:_relative)?|autoload|load)\\b.*\\b${name}\\b`)],
  [/\.rs$/, (name) => new RegExp(`\\b(?:mod|use)\\b[^;]*\\b${name}\\b`)],
  [/\.go$/, (name) => new RegExp(`"(?:[^"\\n]*/)?${name}"`)],
  // In these languages, code names a class or a file of the same package without importing it.
  [/\.(?:java|kt|scala|groovy|cs|fs|vb|php)$/, (name) => new RegExp(`\\b${name}\\b`)],
];

/** Finds the files that import a file, or that contain its path in quotes. */
export async function findUsers(file: string, reader: CodeReader): Promise<string[]> {
  const name = nameOf(file);
  const importing = imports.find(([extension]) => extension.test(file))?.[1](escapePattern(name));
  const users: string[] = [];
  for (const user of (await reader.findWord(name)).slice(0, maxRead)) {
    if (user === file) continue;
    const text = (await reader.readFile(user)) ?? '';
    const isSameLanguage = path.posix.extname(user) === path.posix.extname(file);
    if ((isSameLanguage && importing?.test(text)) || containsPath(user, text, file)) users.push(user);
  }
  return users;
}

function nameOf(file: string): string {
  const base = path.posix.basename(file);
  const folder = path.posix.basename(path.posix.dirname(file));
  const name = withoutExtensions(base);
  return folder !== '.' && (namedByFolder.test(name) || namedByFolder.test(base)) ? folder : name;
}

function withoutExtensions(file: string): string {
  return file.replace(/(?<=[^/.])\.[^/]*$/, '');
}

/**
 * Returns whether a text contains the path of a file in quotes. The path starts at the folder of the user, at
 * the root, or at any folder between. It has a slash or an extension, so that other words do not count.
 */
function containsPath(user: string, text: string, file: string): boolean {
  const target = withoutExtensions(file).replace(/\/index$/, '');
  for (const [, quoted = ''] of text.matchAll(/['"`]([^'"`\s]{1,300})['"`]/g)) {
    const named = withoutExtensions(quoted).replace(/\/index$/, '');
    if (!/[/.]/.test(quoted) || !named.endsWith(path.posix.basename(target))) continue;
    if (quoted.startsWith('.')) {
      if (path.posix.join(path.posix.dirname(user), named) === target) return true;
      // Programs open such a path from the root.
      if (path.posix.normalize(named) === target) return true;
    } else if (`/${target}`.endsWith(`/${named.replace(/^(?:[@~#]\w*\/|\$\{[^}]*\}\/|\/)+/, '')}`))
      return true;
  }
  return false;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
