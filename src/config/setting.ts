import type { z } from 'zod';

/**
 * One environment variable: its name, the values that it accepts, and the value that it has when it is not
 * set.
 */
export interface Setting<Value> {
  variable: string;
  schema: z.ZodType<Value>;
  /**
   * The text that is parsed if the variable is not set. Undefined: the schema decides whether the variable is
   * required.
   */
  whenUnset: string | null | undefined | (() => string);
  /** Whether the value may contain a credential. If so, no message shows it. */
  isSecret: boolean;
}

/** Settings in groups. Each key is the name of the property of Config that holds the value. */
export interface SettingTable {
  readonly [property: string]: Setting<unknown> | SettingTable;
}

/** The values of a table, in the table's shape. The doc comments of the table's properties carry over. */
export type ValuesOf<Table> = {
  readonly [Property in keyof Table]: Table[Property] extends Setting<infer Value>
    ? Value
    : ValuesOf<Table[Property]>;
};

/** Maps the name of each variable that is not empty to its value. */
export type Variables = Readonly<Record<string, string | undefined>>;

export function setting<Value>(
  variable: string,
  schema: z.ZodType<Value>,
  whenUnset?: Setting<Value>['whenUnset'],
): Setting<Value> {
  return { variable, schema, whenUnset, isSecret: false };
}

/** A setting whose value is never shown, because it is a credential or a URL that may contain one. */
export function secret<Value>(
  variable: string,
  schema: z.ZodType<Value>,
  whenUnset?: Setting<Value>['whenUnset'],
): Setting<Value> {
  return { ...setting(variable, schema, whenUnset), isSecret: true };
}

/** @returns the value of every setting, or one line per fault */
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

/** All settings of a table, in their order. */
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
  // In a list, only the wrong item matters.
  const item: unknown = issue.code === 'custom' ? issue.params?.item : undefined;
  return `found "${typeof item === 'string' ? item : value}"`;
}
