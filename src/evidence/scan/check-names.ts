import path from 'node:path';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';

/**
 * Names that some system takes for others: for git's own folder, for a device, for one that is there already.
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
        return [block('odd-name', file, 'looks like git’s own folder to some systems')];
      if (misread.test(file) || parts.some(isMisread))
        return [block('odd-name', JSON.stringify(file), 'has a name that tools may misread')];
      if (!duplicate) return [];
      const says = `differs from ${duplicate.path} by case or Unicode form only`;
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
 * Another place that some systems take for this path, or for a folder on the way to it; and remembers the
 * path.
 */
function findDuplicate(known: Map<string, Place>, file: string): Place | null {
  let found: Place | null = null;
  for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
    const here = { path: file.slice(0, end), isFolder: end < file.length };
    const folded = fold(here.path);
    const there = known.get(folded);
    if (!there) known.set(folded, here);
    // The base may have both: then this one adds nothing to it.
    else if (there.path === here.path || known.has(`\0${here.path}`)) break;
    else {
      known.set(`\0${here.path}`, here);
      // Two folders become one; where one of both is no folder, a link leads elsewhere than it seems.
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
 * What cannot be seen, or seems to be a space; what parts paths, drives and streams on Windows; what was no
 * UTF-8.
 */
const misread = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\uFFFD\\:]|(?! )\p{Z}/u;
const devices = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³]|conin\$|conout\$)[ ]*(?:\.|$)/i;

function isMisread(part: string): boolean {
  // Short names of `.gitmodules` and its like.
  return part.startsWith('-') || /[. ]$/.test(part) || devices.test(part) || /^gi[^~.]{0,6}~\d+$/i.test(part);
}

function isGitLookAlike(part: string): boolean {
  const folded = fold(part.replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')).replace(/[. ]+$/, '');
  return folded === '.git' || /^git~\d+$/.test(folded) || folded.startsWith('.git:');
}

/**
 * A link has to end inside: relative, with `..` only at its start, so that no other link on the way leads
 * out.
 */
export function checkLink(file: string, target: string): Finding[] {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const lateUp =
    parts.findIndex((part) => part !== '..') >= 0 &&
    parts.slice(parts.findIndex((part) => part !== '..')).includes('..');
  const resolved = path.posix.join(path.posix.dirname(file), path.posix.normalize(target));
  // On Windows these are paths as well.
  const ofWindows = target.includes('\\') || /^[a-z]:/i.test(target);
  if (target.startsWith('/') || ofWindows || resolved === '..' || resolved.startsWith('../') || lateUp)
    return [block('escaping-link', file, 'is a link that leads out of the repository')];
  if (parts.some(isGitLookAlike)) return [block('escaping-link', file, 'is a link into git’s own folder')];
  if (/^\.github(?:\/(?:workflows|actions))?$/.test(fold(file)))
    return [block('workflow', file, 'is a link to workflows, which run with your secrets')];
  return [];
}
