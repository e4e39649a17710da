/** Writes a number with its thing, such as `1 row` or `2,000 rows`. */
export function count(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`;
}
