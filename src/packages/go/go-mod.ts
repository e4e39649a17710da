import path from 'node:path';
import { type LockedPackage, PackageError, type Requirements } from '../ecosystem.js';
import { folderOf } from '../paths.js';

/** A line of a go.mod or go.work. A line of a block has the keyword of the block. */
interface Directive {
  /** Such as `require`. */
  keyword: string;
  args: string[];
  /** Without `//`; '' if there is none. */
  comment: string;
}

const maxCharacters = 4_000_000;

const token = /\/\/.*|"[^"]*"?|`[^`]*`?|[()[\],]|(?:\/(?!\/)|[^\s"`()[\],/])+/gs;

/** Reads a go.mod or go.work. A text that Go would refuse can give any result. */
export function parseGoMod(text: string): Directive[] {
  let block: string | null = null;
  return text.split('\n').flatMap((line): Directive[] => {
    const tokens = line.match(token) ?? [];
    const comment = tokens.at(-1)?.startsWith('//') ? (tokens.pop() ?? '').slice(2).trim() : '';
    const [first, ...rest] = tokens;
    if (first === undefined) return [];
    if (block !== null && first === ')') {
      block = null;
      return [];
    }
    if (block === null && rest.length === 1 && rest[0] === '(') {
      block = first;
      return [];
    }
    const args = (block === null ? rest : tokens).map((one) => one.replace(/^(["`])(.*)\1$/, '$2'));
    return [{ keyword: block ?? first, args, comment }];
  });
}

const modulePath = /^[a-z0-9][\w.~-]*(?:\/[\w.~!-]+)*$/i;
const version = /^v\d[\w.+-]*$/;
/** These name no place. Go downloads no version of itself that `toolchain` names (go-packages.ts). */
const harmless = ['module', 'go', 'toolchain', 'godebug', 'exclude', 'retract', 'tool', 'ignore'];

/**
 * Checks that every line that the change adds names modules of the proxy, or folders of the repository.
 * @throws PackageError if one does not
 */
export function checkGoMod(file: string, text: string, baseText: string | null): void {
  if (text.length > maxCharacters) throw new PackageError(`${file} is too large to be checked.`);
  const known = new Set(parseGoMod(baseText ?? '').map(render));
  const bad = parseGoMod(text).find((one) => !known.has(render(one)) && !isSafe(file, one));
  if (bad)
    throw new PackageError(
      `${file} contains \`${render(bad).slice(0, 200)}\`, and only modules of the Go proxy and folders of the repository can be added.`,
    );
}

function isSafe(file: string, { keyword, args }: Directive): boolean {
  if (harmless.includes(keyword)) return true;
  if (keyword === 'require') return args.length === 2 && isModule(args);
  if (keyword === 'use') return args.length === 1 && isInside(file, args[0] ?? '');
  const arrow = args.indexOf('=>');
  if (keyword !== 'replace' || arrow < 0) return false;
  const [old, target] = [args.slice(0, arrow), args.slice(arrow + 1)];
  return (
    isModule([old[0], old[1] ?? 'v0']) &&
    (target.length === 1 ? isInside(file, target[0] ?? '') : isModule(target))
  );
}

function isModule([name = '', wanted = '', ...others]: readonly (string | undefined)[]): boolean {
  return modulePath.test(name) && version.test(wanted) && others.length === 0;
}

function isInside(file: string, folder: string): boolean {
  const target = path.posix.join(folderOf(file), folder);
  return /^\.{0,2}[\w/.@~+-]*$/.test(folder) && !folder.startsWith('/') && !/^\.\.(?:\/|$)/.test(target);
}

function render({ keyword, args }: Directive): string {
  return [keyword, ...args].join(' ');
}

/** Returns whether two versions of a go.mod or go.work ask for the same modules. */
export function hasSameModules(one: string, other: string): boolean {
  const list = (text: string) =>
    parseGoMod(text)
      .filter(({ keyword }) => ['go', 'require', 'replace', 'exclude', 'use'].includes(keyword))
      .map(render)
      .sort()
      .join('\n');
  return list(one) === list(other);
}

/** Reads the modules that a go.mod asks for. Leaves out those that only other modules need. */
export function readGoMod(text: string): Requirements {
  return new Map(
    listRequired(text).map(({ name, wanted, replacement }) => {
      const range = replacement ? `${wanted} => ${replacement.join(' ')}` : wanted;
      return [name, { range, dev: false }];
    }),
  );
}

function listRequired(text: string) {
  const directives = parseGoMod(text);
  const replacements = new Map(
    directives.flatMap(({ keyword, args }): [string, string[]][] => {
      const arrow = args.indexOf('=>');
      return keyword === 'replace' && arrow > 0 ? [[args[0] ?? '', args.slice(arrow + 1)]] : [];
    }),
  );
  return directives.flatMap(({ keyword, args: [name, wanted], comment }) =>
    keyword === 'require' && name && wanted && !/^indirect\b/.test(comment)
      ? [{ name, wanted, replacement: replacements.get(name) }]
      : [],
  );
}

/** Reads a go.sum. Leaves out modules of which Go has only read the go.mod. */
export function readGoSum(text: string): LockedPackage[] {
  if (text.length > maxCharacters) return [];
  return [...text.matchAll(/^(\S+) (v[^\s/]+) h1:\S+$/gm)].map(([, name = '', found = '']) => ({
    ...{ name, version: found, source: null },
  }));
}

/**
 * Lists the modules that a go.mod asks for but of which the go.sum has no hash, as `path@version`. Somebody
 * has then edited the go.mod without Go.
 */
export function listWithoutHash(goMod: string, goSum: string): string[] {
  const known = new Set(readGoSum(goSum).map(({ name, version: found }) => `${name} ${found}`));
  return listRequired(goMod).flatMap(({ name, wanted, replacement = [name, wanted] }) => {
    const isFolder = replacement.length === 1;
    return isFolder || known.has(replacement.join(' ')) ? [] : [`${name}@${wanted}`];
  });
}
