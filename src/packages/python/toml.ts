import { parse, stringify, TomlError } from 'smol-toml';
import { PackageError } from '../ecosystem.js';

export type Table = { [key: string]: unknown };

/** Files up to this size are read. Reading blocks all other runs. */
const maxCharacters = 4_000_000;

/** @returns an empty table if the text is not valid TOML */
export function readToml(text: string): Table {
  try {
    return text.length > maxCharacters ? {} : parse(text);
  } catch (error) {
    if (error instanceof TomlError) return {};
    throw error;
  }
}

/** @throws PackageError if the text is not valid TOML */
export function checkToml(file: string, text: string): Table {
  if (text.length > maxCharacters) throw new PackageError(`${file} is too large to be checked.`);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new PackageError(`${file} is not valid TOML (line ${error.line}).`);
  }
}

/** @returns an empty table if the value is none */
export function asTable(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

/** @returns an empty list if the value is none */
export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** @returns undefined if there is no such value */
export function getValue(table: Table, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => asTable(value)[key], table);
}

/**
 * Adds a key with a value to a table of a TOML text, or replaces its value. The value must be in one line.
 * Does not change the rest of the text. The caller must check the result, because TOML has more spellings.
 */
export function putValue(text: string, table: readonly string[], key: string, value: unknown): string {
  const lines = text.split(/(?<=\n)/);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const line = `${renderKey(key)} = ${renderValue(value)}${lineEnd}`;
  const [start, end] = findTable(lines, table);
  if (start < 0) {
    const gap = text === '' ? '' : text.endsWith('\n') ? lineEnd : lineEnd.repeat(2);
    return `${text}${gap}[${table.map(renderKey).join('.')}]${lineEnd}${line}`;
  }
  const known = lines.findIndex((one, index) => index > start && index < end && startsWith(one, key));
  if (known >= 0) {
    lines[known] = line.slice(0, -lineEnd.length) + readComment(lines[known] ?? '') + lineEnd;
    return lines.join('');
  }
  let place = end;
  // Comments above a table belong to it.
  while (place > start + 1 && /^\s*(?:#|$)/.test(lines[place - 1] ?? '')) place -= 1;
  if (!lines[place - 1]?.endsWith('\n')) lines[place - 1] += lineEnd;
  lines.splice(place, 0, line);
  return lines.join('');
}

/**
 * Adds a string to a list of a TOML text, or replaces one of its strings. Adds the list if there is none. The
 * caller must check the result, because TOML has more spellings.
 * @param isReplaced whether a string of the list is replaced
 */
export function putItem(
  text: string,
  table: readonly string[],
  key: string,
  item: string,
  isReplaced: (item: string) => boolean,
): string {
  const lines = text.split(/(?<=\n)/);
  const [start, end] = findTable(lines, table);
  const first = lines.findIndex((one, index) => index > start && index < end && startsWith(one, key));
  if (start < 0 || first < 0) return putValue(text, table, key, [item]);
  const before = lines.slice(0, first).join('').length;
  const list = readList(text, text.indexOf('[', before));
  const old = list.items.find((one) => isReplaced(text.slice(one.start + 1, one.end - 1)));
  if (old) return text.slice(0, old.start) + renderValue(item) + text.slice(old.end);
  const last = list.items.at(-1);
  // Commas and comments can be between the last item and the end of the list.
  const rest = text.slice(last?.end ?? list.start + 1, list.end);
  const comma = last && !/^\s*,/.test(rest) ? ',' : '';
  const [, indent] = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, last?.start ?? 0)) ?? [];
  const lineStart = text.lastIndexOf('\n', list.end) + 1;
  if (last && indent !== undefined && text.slice(lineStart, list.end).trim() === '') {
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    const kept = text.slice(last.end, lineStart);
    return `${text.slice(0, last.end)}${comma}${kept}${indent}${renderValue(item)},${lineEnd}${text.slice(lineStart)}`;
  }
  const space = last ? ' ' : '';
  return `${text.slice(0, list.end).trimEnd()}${comma}${space}${renderValue(item)}${text.slice(list.end)}`;
}

/** Returns the comment at the end of a line, and the space before it; '' if there is none. */
function readComment(line: string): string {
  const quote = Math.max(line.lastIndexOf('"'), line.lastIndexOf("'"));
  const start = line.indexOf('#', quote);
  return start < 0 ? '' : line.slice(line.slice(0, start).trimEnd().length).trimEnd();
}

interface Span {
  start: number;
  end: number;
}

/** Finds the items of a list. The spans of strings include their quotes. */
function readList(text: string, start: number): Span & { items: Span[] } {
  const token = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#.*|[[\]{}]/g;
  token.lastIndex = start;
  const items: Span[] = [];
  let depth = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [one] = found;
    const end = found.index + one.length;
    if (/^["']/.test(one) && depth === 1) items.push({ start: found.index, end });
    if (one === '[' || one === '{') depth += 1;
    if (one === ']' || one === '}') depth -= 1;
    if (one === '}' && depth === 1) items.push({ start: end, end });
    if (depth === 0) return { start, end: end - 1, items };
  }
  return { start, end: text.length, items };
}

/** Returns the line of a table's header, and the line after the table. The first is -1 if there is none. */
function findTable(lines: readonly string[], table: readonly string[]): [number, number] {
  const keys = table.map((one) => `(?:${escapeKey(one)}|"${escapeKey(one)}"|'${escapeKey(one)}')`);
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*${keys.join('[ \\t]*\\.[ \\t]*')}[ \\t]*\\][ \\t]*(?:#.*)?\\r?\\n?$`,
  );
  const start = lines.findIndex((one) => header.test(one));
  const after = lines.findIndex((one, index) => index > start && /^\[/.test(one));
  return [start, after < 0 ? lines.length : after];
}

function startsWith(line: string, key: string): boolean {
  return new RegExp(`^[ \\t]*(?:${escapeKey(key)}|"${escapeKey(key)}"|'${escapeKey(key)}')[ \\t]*=`).test(
    line,
  );
}

function escapeKey(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function renderKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function renderValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, one]) => `${renderKey(key)} = ${renderValue(one)}`);
  return `{ ${parts.join(', ')} }`;
}

export { stringify as writeToml };
