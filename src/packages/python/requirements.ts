/** A logical line of a requirements file. It can consist of several lines of text. */
export interface Line {
  /** The first line of text, counted from 0. */
  start: number;
  /** The line of text after the last one. */
  end: number;
  /** The content without comments and line ends; '' for a comment or an empty line. */
  content: string;
  /** The comment at the end; '' if there is none. */
  comment: string;
  /** Null if the line does not ask for a registry package. */
  requirement: Requirement | null;
}

/** A line that asks for a registry package. */
export interface Requirement {
  /** As the registry compares it: in lower case, with hyphens. */
  name: string;
  spelling: string;
  /** Such as `[socks]`; '' if there are none. */
  extras: string;
  /** Such as `==2.0.0`; '' for any version. */
  versions: string;
  /** The condition under which the package is needed; '' if there is none. */
  marker: string;
  /** Such as `sha256:…`. */
  hashes: string[];
}

/** Another file that a line names with `-r` or `-c`. */
const include = /^(?:-r|--requirement|-c|--constraint)(?:[ \t]+|=)([\w./-]+)$/;
const maxCharacters = 20_000;

const version = '(?:===|==|~=|!=|<=|>=|<|>)[ \\t]*[\\w.*+!-]+';
const versionList = `${version}(?:[ \\t]*,[ \\t]*${version})*`;
const plain = new RegExp(
  `^([a-z0-9](?:[\\w.-]*[a-z0-9])?)[ \\t]*(\\[[\\w., -]*\\])?[ \\t]*(${versionList}|\\(${versionList}\\))?[ \\t]*(?:;([\\w \\t.,'"<>=!~()*+-]+))?$`,
  'i',
);
const hash = /^--hash=((?:sha256|sha384|sha512):[0-9a-f]{64,128})$/;
/** Names that pip takes as files if such files exist. */
const archive = /\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.\w+)$/i;
/** Matches the ends of lines that Python knows. pip splits files there. */
const lineEnd = '\\r\\n|[\\n\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]|\\r(?!\\n)';
const afterLineEnd = new RegExp(`(?<=${lineEnd})`);
const atLineEnd = new RegExp(`(?:${lineEnd})$`);

/** Splits a text into lines, which keep their ends. */
export function splitLines(text: string): string[] {
  return text.split(afterLineEnd);
}

/** Reads a requirements file as pip does: joins lines that end with a backslash, then cuts comments. */
export function parseRequirements(text: string): Line[] {
  const lines: Line[] = [];
  let joined = '';
  let start = 0;
  const texts = splitLines(text).map((one) => one.replace(atLineEnd, '').replace(/^\uFEFF/, ''));
  for (const [index, one] of texts.entries()) {
    const isComment = /^[ \t]*#/.test(one);
    if (one.endsWith('\\') && !isComment && index < texts.length - 1) {
      joined += one.replace(/^\\+|\\+$/g, '');
      continue;
    }
    // A comment ends a line that was continued.
    const whole = joined + (isComment ? ` ${one}` : one);
    const [comment = ''] = /(?:^|[ \t])[ \t]*#.*$/s.exec(whole) ?? [];
    const content = whole.slice(0, whole.length - comment.length).trim();
    const requirement = parseRequirement(content);
    lines.push({ start, end: index + 1, content, comment: comment.trim(), requirement });
    joined = '';
    start = index + 1;
  }
  return lines;
}

/** @returns null if the text asks for no registry package, or has other options than hashes */
export function parseRequirement(content: string): Requirement | null {
  if (content.length > maxCharacters) return null;
  const words = content.split(/[ \t]+/);
  const option = words.findIndex((one) => one.startsWith('-'));
  const options = option < 0 ? [] : words.slice(option);
  const asked = (option < 0 ? words : words.slice(0, option)).join(' ');
  const [, spelling, extras = '', versions = '', marker = ''] = plain.exec(asked) ?? [];
  const hashes = options.flatMap((one) => hash.exec(one)?.[1] ?? []);
  if (spelling === undefined || hashes.length < options.length || archive.test(spelling)) return null;
  return {
    ...{ name: normalizeName(spelling), spelling, marker: marker.trim(), hashes },
    ...{ extras: extras.replaceAll(' ', ''), versions: versions.replace(/[ \t()]/g, '') },
  };
}

/** Returns the file that a line names with `-r` or `-c`, as it is written; null if it names none. */
export function includedFile(content: string): string | null {
  return include.exec(content)?.[1] ?? null;
}

/** Names that differ only in this are the same package. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
