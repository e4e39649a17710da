import type { Queries } from '../evidence/query-evidence.js';
import type { Recorded } from './record-queries.js';

const maxListed = 100;
/** Vitest says in whole milliseconds when a test started, so one statement can belong to a neighbor. */
const leastDifference = 2;

/**
 * Compares what Postgres recorded with the change and on the base commit.
 * @param before null if none of the test files is on the base commit
 * @param leftOut the number of test files that were not run, because there are too many
 */
export function compareQueries(
  server: string,
  { before, after, leftOut = 0 }: { before: Recorded | null; after: Recorded; leftOut?: number },
): Queries {
  const old = new Map(before?.tests.map((test) => [nameOf(test), test]));
  const known = new Set(before?.unindexed.map(keyOf));
  return {
    server,
    tests: after.tests.length,
    statements: after.tests.reduce((sum, { statements }) => sum + statements, 0),
    ...compareCounts(after, old),
    repeated: after.tests
      .flatMap((test) => {
        const earlier = new Set(old.get(nameOf(test))?.repeated.map(({ statement }) => statement));
        return test.repeated
          .filter(({ statement }) => !earlier.has(statement))
          .map((one) => ({ test: nameOf(test), ...one }));
      })
      .slice(0, maxListed),
    unindexed: after.unindexed
      .filter((one) => !known.has(keyOf(one)))
      .map(({ statement, table, condition, ...test }) => ({
        ...{ test: nameOf(test), statement, table, condition },
      }))
      .slice(0, maxListed),
    notes: [
      ...describeGaps(after, '', leftOut),
      ...(before ? describeGaps(before, ' on the base commit, so nothing is compared with them') : []),
    ],
  };
}

/** Says what could not be recorded. */
function* describeGaps({ fault, unrecorded }: Recorded, where: string, leftOut = 0): Generator<string> {
  if (fault !== null) yield `The statements of the tests could not be recorded${where}: ${fault}.`;
  if (leftOut > 0) yield `${leftOut} more test files were not recorded, because there are too many.`;
  if (unrecorded.length === 0) return;
  const names = unrecorded.slice(0, 5).join(', ');
  const more = unrecorded.length > 5 ? ` and ${unrecorded.length - 5} more` : '';
  yield `The statements of these files could not be told apart by test${where}: ${names}${more}.`;
}

/** Compares how many statements the tests run that are on the base commit, too. */
function compareCounts(
  after: Recorded,
  old: ReadonlyMap<string, Recorded['tests'][number]>,
): Pick<Queries, 'common' | 'changed'> {
  const compared = after.tests.flatMap((test) => {
    const before = old.get(nameOf(test))?.statements;
    return before === undefined ? [] : { test: nameOf(test), before, after: test.statements };
  });
  const tests = new Map<number, number>();
  for (const one of compared) tests.set(one.after - one.before, (tests.get(one.after - one.before) ?? 0) + 1);
  const [difference, number] = [...tests].sort(([, one], [, other]) => other - one)[0] ?? [0, 0];
  const isCommon = Math.abs(difference) >= leastDifference && number > 1 && number * 2 > compared.length;
  const shift = isCommon ? difference : 0;
  return {
    common: isCommon ? { tests: number, difference } : null,
    changed: compared
      .filter(({ before, after: now }) =>
        [0, shift].every((expected) => Math.abs(now - before - expected) >= leastDifference),
      )
      .slice(0, maxListed),
  };
}

function nameOf({ file, name }: { file: string; name: string }): string {
  return `${file} › ${name}`;
}

function keyOf({ table, condition }: Recorded['unindexed'][number]): string {
  return JSON.stringify([table, condition]);
}
