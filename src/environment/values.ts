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

/** Matches the names of variables that a shell accepts. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
