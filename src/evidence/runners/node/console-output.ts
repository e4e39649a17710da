import { stripEscapes } from '../../../text/strip-escapes.js';

/** What the tests of each file printed. The paths are relative to a folder that is not known. */
export type ConsoleOutput = ReadonlyMap<string, string>;

/** Reads what tests printed from Jest's output. The output of each file is below a heading with its path. */
export function readJestConsole(printed: string): ConsoleOutput {
  let file: string | null = null;
  return collect(printed, (line) => {
    file = /^(?:PASS|FAIL) (?:.* )?(?:\.\/)?(\S+\.[cm]?[jt]sx?)(?: \(.*\))?$/.exec(line)?.[1] ?? file;
    if (line === '  ● Console') return { file };
    return /^(?: {2}● |PASS |FAIL |Test Suites:)/.test(line) ? { file: null } : null;
  });
}

/** Reads what tests printed from Vitest's output. The output of each test is below a line with its name. */
export function readVitestConsole(printed: string): ConsoleOutput {
  return collect(printed, (line) => {
    const file = /^(?:stdout|stderr) \| (\S+)/.exec(line)?.[1];
    if (file) return { file };
    return /^\s+(?:[❯✓✗×↓] |Test Files )|^⎯/.test(line) ? { file: null } : null;
  });
}

/**
 * @param readHeading returns the file whose output begins after this line; a file of null if an output ends;
 * null if the line is not a heading
 */
function collect(
  printed: string,
  readHeading: (line: string) => { file: string | null } | null,
): ConsoleOutput {
  const outputs = new Map<string, string>();
  let open: string | null = null;
  for (const line of stripEscapes(printed).split('\n')) {
    const heading = readHeading(line);
    if (heading) open = heading.file;
    else if (open !== null) outputs.set(open, `${outputs.get(open) ?? ''}${line}\n`);
  }
  return outputs;
}

/** @param file path relative to the repository's root */
export function findOutput(outputs: ConsoleOutput, file: string): string | undefined {
  const parts = file.split('/');
  return parts.map((_, index) => outputs.get(parts.slice(index).join('/'))).find(Boolean);
}
