/*
 * Removes stack frames that are not in the repository from the text of an error, such as frames of the test
 * runner. Agents need the frames in the repository, and each removed frame saves tokens.
 */

/** The repository's folder in the sandbox. */
const root = '/workspace/';
/** Folders of packages. They can be inside the repository. */
const packages = /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|vendor|\.venv)\//;
/**
 * Frames of the JVM and of .NET do not contain a path, so this pattern lists the names of their own classes
 * and of test libraries.
 */
const libraries =
  /^\s+at (?:[\w.$-]+\/)*(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|groovy|scala|junit|org\.(?:junit|hamcrest|assertj|opentest4j|testng|mockito|gradle|apache\.maven|codehaus\.groovy|scalatest|spockframework)|System|Microsoft|Xunit|NUnit)\./;

/** Patterns of frames. The first group is the path. */
const frames = [
  // Python, and the short form that pytest prints.
  /^\s*File "([^"]+)", line \d+/,
  /^(<frozen [^>]+>|[^\s:]+):\d+: in \S/,
  // Ruby
  /^\s*(?:# |from )?([^\s:]+):\d+:in [`']/,
  // PHP
  /^([^\s:]+\.php):\d+$/,
  /^#\d+ ([^\s(]+)\(\d+\)/,
  // Go
  /^\t([^\s:]+\.go):\d+/,
  // Vitest
  /^\s*❯ (?:\S+ )?(\S+?):\d+:\d+$/,
  // JavaScript, the JVM, Rust and .NET
  /^\s+at .*?([^\s()]+?)(?::\d+)+\)?(?: \{)?$/,
  /^\s+at .* in (\S+):line \d+$/,
  /^\s+at .*\((<anonymous>|native|index \d+|Native Method|Unknown Source)\)$/,
];

/** Maximum number of frames in the repository that are kept of each stack. */
const maxOwn = 8;
/** If no frame is in the repository, the first frames still show where the error happened. */
const maxForeign = 3;
/** Longer lines are never frames. The limit bounds the time that the patterns take. */
const maxLine = 1000;

interface Part {
  lines: string[];
  kind: 'text' | 'own' | 'foreign';
}

/** Removes foreign frames. In the other frames, makes paths relative to the repository's root. */
export function keepOwnFrames(text: string): string {
  const parts = split(text.split('\n'));
  const hasOwn = parts.some(({ kind }) => kind === 'own');
  let own = 0;
  let foreign = hasOwn ? maxForeign : 0;
  return parts
    .flatMap(({ lines, kind }) => {
      if (kind === 'text') own = 0;
      if (kind === 'text') return lines;
      const isKept = kind === 'own' ? ++own <= maxOwn : ++foreign <= maxForeign;
      return isKept ? lines.map(shortenPaths) : [];
    })
    .join('\n');
}

/** Splits a text into lines and frames. Some frames have several lines. */
function split(lines: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (const line of lines) {
    const kind = kindOf(line);
    const before = parts.at(-1);
    // Go prints the function of a frame above the file. Python prints the code of a frame below it.
    if (kind !== 'text' && /^\t\S+\.go:/.test(line) && before?.kind === 'text')
      Object.assign(before, { lines: [...before.lines, line], kind });
    else if (kind === 'text' && before && before.kind !== 'text' && isCodeOf(before, line))
      before.lines.push(line);
    else parts.push({ lines: [line], kind });
  }
  return parts;
}

function isCodeOf({ lines: [frame = ''] }: Part, line: string): boolean {
  return /^\s*File "|:\d+: in \S/.test(frame) && /^ {4}/.test(line);
}

function kindOf(line: string): Part['kind'] {
  if (line.length > maxLine) return 'text';
  for (const pattern of frames) {
    const path = pattern.exec(line)?.[1];
    if (path) return isOwn(path) && !libraries.test(line) ? 'own' : 'foreign';
  }
  return libraries.test(line) ? 'foreign' : 'text';
}

function isOwn(path: string): boolean {
  const place = path.replace(/^file:\/\//, '');
  if (packages.test(place)) return false;
  return (
    place.startsWith(root) ||
    !/^(?:[/<]|\.\.\/|node:|ext:|internal\/|native|index |Native|Unknown)/.test(place)
  );
}

function shortenPaths(line: string): string {
  return line.replaceAll(`file://${root}`, '').replaceAll(root, '');
}
