import path from 'node:path';
import type { Files } from '../open-files.js';
import { limitInsertions, own } from '../values.js';

/** Parses a file of lines such as `A=b`, as Docker Compose does. */
function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (!name) continue;
    const quoted = /^(['"])((?:(?!\1).)*)\1/.exec(raw);
    values[name] = quoted ? (quoted[2] ?? '') : raw.replace(/(?:^|\s+)#.*$/, '').trim();
  }
  return values;
}

const examples = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example', 'example.env'];

/** Reads the values that Docker Compose replaces `${NAME}` with. Examples give what `.env` does not. */
export async function readInterpolationValues(files: Files, folder: string): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of [...examples].reverse().concat('.env'))
    Object.assign(values, parseEnvFile((await files.text(path.posix.join(folder, name))) ?? ''));
  return values;
}

/** Reads an `env_file`. Repositories often only contain an example of it. */
export async function readEnvFile(files: Files, file: string): Promise<Record<string, string>> {
  for (const name of [file, `${file}.example`, `${file}.sample`, `${file}.template`, `${file}.dist`]) {
    const text = await files.text(name);
    if (text !== null) return parseEnvFile(text);
  }
  return {};
}

/**
 * Replaces `${NAME}`, `${NAME:-default}` and their kin. A name without a value becomes an empty text, and so
 * do values that are too long together. Removes NUL, which no variable can contain.
 */
export function replaceVariables(text: string, values: Readonly<Record<string, string>>): string {
  const pattern = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\}|([A-Za-z_]\w*))/g;
  const limit = limitInsertions();
  const replace = (from: string, depth: number): string =>
    from.replace(pattern, (_, braced?: string, operator = '', more = '', plain?: string) => {
      const name = braced ?? plain;
      if (name === undefined) return '$';
      const value = own(values, name);
      const isMissing = value === undefined || (operator.startsWith(':') && value === '');
      if (operator.endsWith('+')) return isMissing ? '' : nested(more, depth);
      return isMissing && operator.endsWith('-') ? nested(more, depth) : (limit(value ?? '') ?? '');
    });
  const nested = (more: string, depth: number) => (depth < 3 ? replace(more, depth + 1) : '');
  return replace(text, 0).replaceAll('\0', '');
}
