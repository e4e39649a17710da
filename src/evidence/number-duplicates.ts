/** Adds a number to the ids of tests with the same name, so that each id is unique. */
export function numberDuplicates<Case extends { id: string }>(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id} (${count})` };
  });
}
