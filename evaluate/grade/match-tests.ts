import type { TestCase } from '../../src/evidence/evidence.js';

type Outcome = TestCase['outcome'] | 'missing';

/**
 * Creates a function that finds the result of a test by its name. Data sets name tests as their runners do,
 * so several spellings count: Pullwright's own id, `file::class::name`, titles without a file, and the name
 * of a whole file. If several tests have the name, all of them must have passed.
 */
export function indexResults(cases: readonly TestCase[]): (name: string) => Outcome {
  const index = new Map<string, TestCase['outcome'][]>();
  const add = (key: string, outcome: TestCase['outcome']) => {
    const known = index.get(key);
    if (known) known.push(outcome);
    else index.set(key, [outcome]);
  };
  for (const { id, file, outcome } of cases) {
    // A test that is reported twice has a number in its second id.
    const own = id.replace(/ \(\d+\)$/, '');
    const keys = new Set([id, own, normalize(own)]);
    if (file !== null) {
      keys.add(file);
      if (own.startsWith(`${file} › `)) keys.add(normalize(own.slice(file.length + 3)));
    }
    for (const key of keys) add(key, outcome);
  }
  return (name) => {
    const found = index.get(name) ?? index.get(normalize(name)) ?? index.get(normalize(fromUnittest(name)));
    if (!found) return 'missing';
    return found.find((outcome) => outcome !== 'passed') ?? 'passed';
  };
}

/** Joins the parts of a name in one way. */
function normalize(name: string): string {
  return name.replace(/ › |::| > |\s+/g, ' ').trim();
}

/** Turns `test_name (package.module.Class)`, as unittest prints it, into `Class test_name`. */
function fromUnittest(name: string): string {
  const [, test, place] = /^(\w+) \(([\w.]+)\)$/.exec(name) ?? [];
  if (!test || !place) return name;
  const parts = place.split('.').filter((part) => part !== test);
  return `${parts.at(-1)} ${test}`;
}
