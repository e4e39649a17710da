import path from 'node:path';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';

/**
 * Finds new file names that some operating system or tool misreads, for example as git's own folder, as a
 * device, or as a file that the repository already has.
 * @param basePaths the paths of all files in the base commit
 */
export function checkNames(changes: readonly Change[], basePaths: readonly string[]): Finding[] {
  const gone = new Set(
    changes.flatMap(({ status, path: file, from }) => (status === 'deleted' ? [file] : (from ?? []))),
  );
  const known = new Map<string, Place>();
  for (const file of basePaths) if (!gone.has(file)) findDuplicate(known, file);
  return changes
    .filter(({ status }) => status === 'added' || status === 'renamed')
    .flatMap(({ path: file }) => {
      const duplicate = findDuplicate(known, file);
      const parts = file.split('/');
      if (parts.some(isGitLookAlike))
        return [block('odd-name', file, "looks like git's own folder to some systems")];
      if (misread.test(file) || parts.some(isMisread))
        return [block('odd-name', JSON.stringify(file), 'has a name that tools may misread')];
      if (!duplicate) return [];
      const says = `differs from ${duplicate.path} only by case or Unicode form`;
      return duplicate.isFolder
        ? [mark('odd-name', file, `is in a folder that ${says}`)]
        : [block('odd-name', file, says)];
    });
}

interface Place {
  path: string;
  isFolder: boolean;
}

/**
 * Finds a known path that some systems confuse with `file` or with one of its parent folders. Adds `file` and
 * its parent folders to `known`.
 * @param known the known paths. The result of `fold` is the key of a path. If an earlier path already has
 * this key, the key of the later path is `\0` plus the path itself.
 */
function findDuplicate(known: Map<string, Place>, file: string): Place | null {
  let found: Place | null = null;
  for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
    const here = { path: file.slice(0, end), isFolder: end < file.length };
    const folded = fold(here.path);
    const there = known.get(folded);
    if (!there) known.set(folded, here);
    // If this exact path is already known, its conflicts are already known as well.
    else if (there.path === here.path || known.has(`\0${here.path}`)) break;
    else {
      known.set(`\0${here.path}`, here);
      // A conflict between two folders is harmless: some systems merge them into one folder. Any other
      // conflict can do harm. For example, a link in place of a folder redirects all paths below the folder.
      // So report a conflict between two folders only if there is no other conflict.
      if (!found || !(there.isFolder && here.isFolder))
        found = { ...there, isFolder: there.isFolder && here.isFolder };
    }
  }
  return found;
}

function fold(file: string): string {
  return file.normalize('NFKC').toLowerCase();
}

/**
 * Matches (1) invisible characters, (2) characters that look like a space, (3) `\` and `:`, which have a
 * special meaning in Windows paths, and (4) the replacement character, which stands for invalid UTF-8.
 */
const misread = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\uFFFD\\:]|(?! )\p{Z}/u;
const devices = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³]|conin\$|conout\$)[ ]*(?:\.|$)/i;

function isMisread(part: string): boolean {
  // Windows gives a file such as `.gitmodules` a second, short name. The last pattern matches these short
  // names.
  return part.startsWith('-') || /[. ]$/.test(part) || devices.test(part) || /^gi[^~.]{0,6}~\d+$/i.test(part);
}

function isGitLookAlike(part: string): boolean {
  const folded = fold(part.replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')).replace(/[. ]+$/, '');
  return folded === '.git' || /^git~\d+$/.test(folded) || folded.startsWith('.git:');
}

/**
 * Checks that a symbolic link stays in the repository. Its target must be relative, with `..` only at the
 * start. A later `..` could come after a folder that is itself a link, and would then lead to a different
 * place than the path suggests.
 */
export function checkLink(file: string, target: string): Finding[] {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const hasLateUp =
    parts.findIndex((part) => part !== '..') >= 0 &&
    parts.slice(parts.findIndex((part) => part !== '..')).includes('..');
  const resolved = path.posix.join(path.posix.dirname(file), path.posix.normalize(target));
  const isWindowsPath = target.includes('\\') || /^[a-z]:/i.test(target);
  if (target.startsWith('/') || isWindowsPath || resolved === '..' || resolved.startsWith('../') || hasLateUp)
    return [block('escaping-link', file, 'is a link that leads out of the repository')];
  if (parts.some(isGitLookAlike)) return [block('escaping-link', file, "is a link into git's own folder")];
  if (/^\.github(?:\/(?:workflows|actions))?$/.test(fold(file)))
    return [
      block(
        'workflow',
        file,
        "is a symbolic link in place of a folder that GitHub reads workflows from, and workflows run with the repository's secrets",
      ),
    ];
  return [];
}
