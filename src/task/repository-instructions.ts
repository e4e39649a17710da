import path from 'node:path';
import type { RepositoryInstructions } from './task.js';

const nestedNames = ['AGENTS.md', 'CLAUDE.md'];
const names = [...nestedNames, 'CONTRIBUTING.md'];
const maxFileCharacters = 12_000;
const maxAllCharacters = 24_000;
const maxNested = 20;

/**
 * Reads a repository's instructions for contributors. These are the files at its root, and the files nearest
 * to each path that the issue mentions. Other instruction files are only listed by path, so that the agent
 * can read them when it needs them.
 * @param files the paths of all files in the base commit
 * @param text the text
 */
export async function readRepositoryInstructions(
  files: readonly string[],
  readFile: (file: string) => Promise<string | null>,
  text: string,
): Promise<RepositoryInstructions[]> {
  const known = new Set(files);
  const root = [...names, '.github/CONTRIBUTING.md', 'docs/CONTRIBUTING.md'].filter((file) =>
    known.has(file),
  );
  const nested = files.filter(
    (file) => file.includes('/') && nestedNames.includes(path.posix.basename(file)),
  );
  const nearest = findNamedPaths(text, files).flatMap((named) => findNearest(named, nested));
  const found = await readInstructionFiles([...root, ...nearest], readFile, maxAllCharacters);
  const others = nested.filter((file) => !nearest.includes(file)).slice(0, maxNested);
  if (others.length > 0)
    found.push({
      path: 'more instruction files',
      text: `You get each of these when you first view or change a file in or below its folder: ${others.join(', ')}`,
    });
  return found;
}

/**
 * Reads instruction files. Leaves out a file that is empty, that only refers to AGENTS.md, or that has the
 * same text as an earlier file.
 * @param maxAll maximum length of all texts together, in characters
 */
export async function readInstructionFiles(
  files: readonly string[],
  readFile: (file: string) => Promise<string | null>,
  maxAll: number,
): Promise<RepositoryInstructions[]> {
  const found: RepositoryInstructions[] = [];
  let left = maxAll;
  for (const file of new Set(files)) {
    const content = (await readFile(file))?.trim() ?? '';
    if (content === '' || /^@AGENTS\.md$/.test(content) || found.some((one) => one.text === content))
      continue;
    const limit = Math.min(maxFileCharacters, left);
    if (limit <= 0) break;
    const shown =
      content.length > limit
        ? `${content.slice(0, limit).toWellFormed()}\n[truncated; full text: ${file}]`
        : content;
    left -= shown.length;
    found.push({ path: file, text: shown });
  }
  return found;
}

const maxCandidates = 300;

/**
 * Lists the paths at which instructions for these paths can be, without those at the root. Instructions for a
 * folder come before those for the folders in it.
 * @param paths relative to the root
 */
export function listInstructionPaths(paths: readonly string[]): string[] {
  const folders = paths.flatMap((place) => {
    const parts = path.posix.normalize(place).split('/').filter(Boolean);
    return parts[0] === '..' ? [] : parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  const candidates = [...new Set(folders)].flatMap((folder) =>
    nestedNames.map((name) => (folder === '.' ? name : `${folder}/${name}`)),
  );
  return candidates.filter((file) => file.includes('/')).slice(0, maxCandidates);
}

function findNamedPaths(text: string, files: readonly string[]): string[] {
  const words = new Set(text.match(/[\w@.-]+(?:\/[\w@.-]+)+/g)?.slice(0, 200) ?? []);
  return [...words].filter((word) =>
    files.some((file) => file === word || file.startsWith(`${word.replace(/\/$/, '')}/`)),
  );
}

function findNearest(named: string, nested: readonly string[]): string[] {
  for (let folder = named; folder !== '.' && folder !== '/'; folder = path.posix.dirname(folder)) {
    const here = nested.filter((file) => path.posix.dirname(file) === folder);
    if (here.length > 0) return here;
  }
  return [];
}
