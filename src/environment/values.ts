/** A map of a YAML, TOML or JSON file. */
export type Values = Readonly<Record<string, unknown>>;

/** Returns an empty map for anything else than a map. */
export function asMap(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

/** Returns a list as it is, a list of one for another value, and an empty list for no value. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

/** Returns the text of a scalar; null for anything else. */
export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** Returns the own value of a key. A file can name keys such as `constructor`. */
export function own<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

const maxInserted = 65_536;

/**
 * Returns a function that passes texts on until they have too many characters together. Later ones become
 * null. Variables that are replaced could otherwise fill the memory.
 */
export function limitInsertions(): (text: string) => string | null {
  let left = maxInserted;
  return (text) => {
    left -= text.length;
    return left < 0 ? null : text;
  };
}

/** Matches the names of variables that a shell accepts. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
