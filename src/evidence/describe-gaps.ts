import type { Mutation } from './evidence.js';

/** Lists numbers of lines, such as `41, 88–91`. */
export function listLines(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && last[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
}

/**
 * Says in a clause what a mutation changes, such as "`<` for `<=`".
 * @param name puts code into backticks. Code of a change can contain backticks.
 */
export function describeMutation(
  { was, now }: Pick<Mutation, 'was' | 'now'>,
  name = (code: string) => `\`${code}\``,
): string {
  return now === '' ? `without ${name(was)}` : `${name(now)} for ${name(was)}`;
}
