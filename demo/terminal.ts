import { stripVTControlCharacters } from 'node:util';

type Style = (text: string) => string;

/** Prints lines. Uses colors only on a terminal, and only if NO_COLOR is not set. */
export interface Terminal {
  /** Width in columns. */
  width: number;
  bold: Style;
  dim: Style;
  green: Style;
  red: Style;
  cyan: Style;
  print(line?: string): void;
}

export function openTerminal(
  stream: NodeJS.WriteStream & { columns?: number },
  environment: NodeJS.ProcessEnv,
): Terminal {
  const colored = stream.isTTY === true && !environment.NO_COLOR;
  // Style each word separately, because `wrap` can break a line between any two words.
  const style =
    (code: number): Style =>
    (text) =>
      colored ? text.replace(/[^ \n]+/g, (word) => `\x1b[${code}m${word}\x1b[0m`) : text;
  return {
    width: Math.min(stream.columns ?? 100, 110),
    bold: style(1),
    dim: style(2),
    red: style(31),
    green: style(32),
    cyan: style(36),
    print: (line = '') => stream.write(`${line.trimEnd()}\n`),
  };
}

/**
 * Removes control characters, which a terminal would execute. The text comes from a person, a program or a
 * model.
 */
export function removeControlCharacters(text: string): string {
  return stripVTControlCharacters(text).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

/** Returns the number of columns that a text occupies. Color codes do not count. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/**
 * Breaks a text into lines. The first line begins with `first`. The other lines are indented by the width of
 * `first`.
 */
export function wrap(text: string, width: number, first = ''): string[] {
  const indent = ' '.repeat(widthOf(first));
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (!empty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += `${empty ? '' : ' '}${word}`;
    empty = false;
  }
  return [...lines, line];
}
