/** Adds a number to the ids of tests with the same name, so that each id is unique. */
export function numberDuplicates<Case extends { id: string }>(cases: readonly Case[]): Case[] {
  const taken = new Set(cases.map(({ id }) => id));
  const counts = new Map<string, number>();
  return cases.map((one) => {
    let count = (counts.get(one.id) ?? 0) + 1;
    // A test can have such a number in its own name.
    while (count > 1 && taken.has(`${one.id} (${count})`)) count += 1;
    counts.set(one.id, count);
    if (count === 1) return one;
    const id = `${one.id} (${count})`;
    taken.add(id);
    return { ...one, id };
  });
}
