import type { z } from 'zod';

/** One environment variable: its name, the values that it accepts, and its default. */
export interface Setting<Value> {
  variable: string;
  schema: z.ZodType<Value>;
  /**
   * The default: null, a text, or a function that returns a text. The schema parses the default like a
   * configured value. If `whenUnset` is undefined, the schema decides whether the variable is required.
   */
  whenUnset: string | null | undefined | (() => string);
  /** Whether the value can contain a credential. Messages never show such a value. */
  isSecret: boolean;
}

/** A group of settings, which can contain other groups. Each key is the name of a property of Config. */
export interface SettingTable {
  readonly [property: string]: Setting<unknown> | SettingTable;
}

/** The values of a table of settings, in the same shape. TypeScript keeps the doc comments of the table. */
export type ValuesOf<Table> = {
  readonly [Property in keyof Table]: Table[Property] extends Setting<infer Value>
    ? Value
    : ValuesOf<Table[Property]>;
};

/** Values of environment variables, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

export function setting<Value>(
  variable: string,
  schema: z.ZodType<Value>,
  whenUnset?: Setting<Value>['whenUnset'],
): Setting<Value> {
  return { variable, schema, whenUnset, isSecret: false };
}

/** Defines a setting that messages never show. Its value is a credential, or a URL that can contain one. */
export function secret<Value>(
  variable: string,
  schema: z.ZodType<Value>,
  whenUnset?: Setting<Value>['whenUnset'],
): Setting<Value> {
  return { ...setting(variable, schema, whenUnset), isSecret: true };
}

/** @returns the value of every setting; if there are faults, one line per fault instead */
export function parseSettings<Table extends SettingTable>(
  table: Table,
  variables: Variables,
): { values: ValuesOf<Table> } | { faults: string[] } {
  const faults: string[] = [];
  const parse = (entry: Setting<unknown> | SettingTable): unknown => {
    if (!isSetting(entry))
      return Object.fromEntries(Object.entries(entry).map(([property, part]) => [property, parse(part)]));
    const { variable, schema, whenUnset } = entry;
    const result = schema.safeParse(
      variables[variable] ?? (typeof whenUnset === 'function' ? whenUnset() : whenUnset),
    );
    if (result.success) return result.data;
    faults.push(...result.error.issues.map((issue) => describeIssue(issue, entry, variables[variable])));
    return undefined;
  };
  const values = parse(table) as ValuesOf<Table>;
  return faults.length > 0 ? { faults } : { values };
}

/** Lists all settings of a table and its groups, in order. */
export function listSettings(table: SettingTable): Setting<unknown>[] {
  return Object.values(table).flatMap((entry) => (isSetting(entry) ? [entry] : listSettings(entry)));
}

function isSetting(entry: Setting<unknown> | SettingTable): entry is Setting<unknown> {
  return typeof entry.variable === 'string';
}

function describeIssue(
  issue: z.core.$ZodIssue,
  { variable, isSecret }: Setting<unknown>,
  value: string | undefined,
): string {
  return `${variable}: expected ${issue.message}; ${describeFound(issue, isSecret, value)}`;
}

function describeFound(issue: z.core.$ZodIssue, isSecret: boolean, value: string | undefined): string {
  if (value === undefined) return 'it is not set';
  if (isSecret) return `found a value of ${value.length} characters`;
  // If the value is a list, the message shows only the wrong item.
  const item: unknown = issue.code === 'custom' ? issue.params?.item : undefined;
  return `found "${typeof item === 'string' ? item : value}"`;
}
