import semver from 'semver';
import type { Toolchain } from '../environment/environment.js';
import { nodeRange } from './node-releases.js';

/**
 * Converts the version that a repository asks for to a range of npm, in which the versions of this machine
 * can be found.
 * @returns null if the text cannot be understood
 */
export function toRange({ name, version }: Pick<Toolchain, 'name' | 'version'>, now: Date): string | null {
  const text = version.trim();
  const range = name === 'node' ? nodeRange(text, now) : rules[name](text.toLowerCase());
  return range === null ? null : semver.validRange(range, { loose: true });
}

const anyVersion = /^(?:latest|stable|\*|x|system|lts)$/;

/** A range of the versions with the same first numbers: two of them, if the text has that many. */
function sameMinor(text: string): string | null {
  const [, major, minor] = /^v?(\d+)(?:\.(\d+|x|\*))?(?:\.[\w*+-]+)*$/.exec(text) ?? [];
  if (major === undefined) return null;
  return minor === undefined ? `${major}.x` : `${major}.${minor}.x`;
}

const orRange = (text: string) => (anyVersion.test(text) ? '*' : (sameMinor(text) ?? text));

/**
 * An exact version stands for its minor version, because patches rarely change whether tests pass. Servers
 * have one patch of each version.
 */
const rules: Record<Exclude<Toolchain['name'], 'node'>, (text: string) => string | null> = {
  python: (text) => orRange(fromPep440(text.replace(/^(?:python|cpython)[-@ ]?(?=\d)/, ''))),
  // A newer Go builds the code of an older one. The text is the lowest version.
  go: (text) => {
    const plain = text.replace(/^go(?=\d)/, '');
    const [, version] = /^v?(\d+\.\d+(?:\.\d+)?)(?:\.x)?$/.exec(plain) ?? [];
    return version === undefined ? orRange(plain) : `^${version}`.replace(/^\^(\d+\.\d+)$/, '^$1.0');
  },
  java: (text) => {
    const [, major] = /(?:^|[^\d.])(?:1\.)?(\d+)(?:[._+\d]*)(?:[^\d.]|$)/.exec(text) ?? [];
    return /[<>=^~|]/.test(text) ? text : major === undefined ? null : `${major}.x`;
  },
  ruby: (text) => (/^(?:j|truffle|m)ruby/.test(text) ? null : orRange(text.replace(/^ruby[-@ ]?(?=\d)/, ''))),
  php: (text) => orRange(text.replace(/(?<!\|)\|(?!\|)/g, '||').replaceAll(',', ' ')),
  rust: (text) => (/^(?:stable|beta|nightly)/.test(text) ? '*' : orRange(text)),
  dotnet: orRange,
  bun: (text) => (anyVersion.test(text) || text === 'canary' ? '*' : text.replace(/^bun[-@]?v?(?=\d)/, '')),
  deno: (text) => (anyVersion.test(text) || text === 'canary' ? '*' : text.replace(/^v(?=\d)/, '')),
};

/** Converts a specifier of Python such as `~=3.10` or `>=3.9,<3.13,!=3.9.1` to a range of npm. */
function fromPep440(text: string): string {
  if (!/[=<>~!,]/.test(text)) return text;
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !part.startsWith('!='))
    .map((part) => {
      const [, major, rest] = /^~=\s*(\d+)\.(\d+)$/.exec(part) ?? [];
      if (major !== undefined) return `>=${major}.${rest} <${Number(major) + 1}`;
      if (part.startsWith('===') || part.startsWith('=='))
        return sameMinor(part.replace(/^=+\s*/, '')) ?? part.replace(/^=+/, '');
      return part.replace(/^~=/, '~');
    })
    .join(' ');
}
