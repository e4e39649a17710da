import path from 'node:path';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';

/**
 * Finds new names that some system confuses with another one: with git's own folder, with a device, or with a
 * file that the repository already has.
 * @param basePaths every path of the base
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
 * Finds a known path that some systems confuse with this one or with one of its folders, and adds the path to
 * the known ones.
 * @param known paths by their folded form. A key that starts with `\0` is an exact path that shares its
 * folded form
 */
function findDuplicate(known: Map<string, Place>, file: string): Place | null {
  let found: Place | null = null;
  for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
    const here = { path: file.slice(0, end), isFolder: end < file.length };
    const folded = fold(here.path);
    const there = known.get(folded);
    if (!there) known.set(folded, here);
    // If the base already has both, this change adds no new conflict.
    else if (there.path === here.path || known.has(`\0${here.path}`)) break;
    else {
      known.set(`\0${here.path}`, here);
      // Two folders only merge, but a link in place of a folder redirects everything below it.
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
 * Characters that are invisible, look like a space, separate paths on Windows, or replace bytes that are not
 * UTF-8.
 */
const misread = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\uFFFD\\:]|(?! )\p{Z}/u;
const devices = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³]|conin\$|conout\$)[ ]*(?:\.|$)/i;

function isMisread(part: string): boolean {
  // The last pattern matches the short names that Windows gives to files such as `.gitmodules`.
  return part.startsWith('-') || /[. ]$/.test(part) || devices.test(part) || /^gi[^~.]{0,6}~\d+$/i.test(part);
}

function isGitLookAlike(part: string): boolean {
  const folded = fold(part.replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')).replace(/[. ]+$/, '');
  return folded === '.git' || /^git~\d+$/.test(folded) || folded.startsWith('.git:');
}

/**
 * Checks that a link stays in the repository. It must be relative, with `..` only at its start: a `..` after
 * another link leads elsewhere than it seems.
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
        "is a link where workflows are read from, and workflows run with the repository's secrets",
      ),
    ];
  return [];
}
