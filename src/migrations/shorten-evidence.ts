import { oneLine } from '../databases/run-sql.js';
import type { Migrations } from '../evidence/migration-evidence.js';

/** A change can create any number of objects, and evidence is stored and shown. */
const maxItems = 200;

/** Keeps the first items of each list, and makes each of them one short line. */
export function shortenEvidence(migrations: Migrations): Migrations {
  const shorten = (texts: readonly string[]) => texts.slice(0, maxItems).map(oneLine);
  const { unfilled, updates, damage, faults, notes, statements, schema } = migrations;
  return {
    ...migrations,
    ...{ unfilled: shorten(unfilled), updates: shorten(updates), damage: shorten(damage) },
    ...{ faults: shorten(faults), notes: shorten(notes) },
    statements: statements.slice(0, maxItems).map((one) => ({
      ...one,
      locks: one.locks.slice(0, maxItems),
      rewrites: shorten(one.rewrites),
    })),
    schema: { added: shorten(schema.added), removed: shorten(schema.removed) },
  };
}
