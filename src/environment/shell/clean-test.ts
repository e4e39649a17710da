/** Removes options whose unknown values only say how many processes run, or where a report goes. */
export function removeOptions(command: string): string {
  const options =
    /\s--?(?:[\w-]*workers?|n|j|jobs|concurrency|parallel|shard|output\S*|report\S*|name|title)[= ]["']?\S*\u0000\S*/gi;
  return command.replace(options, '');
}

/** Removes what splits the tests among machines, repeats them, or hides their exit code. */
export function cleanTest(command: string): string {
  return command
    .trim()
    .replace(/^(\S(?:.*?\S)?)(?:\s*\|\|\s*\1)+$/s, '$1')
    .replace(/\s--shard(?:[= ])\S+/g, '')
    .replace(/\s--(?:splits|group)(?:[= ])\d+/g, '')
    .replace(/(?<!\s)\s*\|\|\s*(?:true|exit \d+|:)\s*$/, '')
    .replace(/(?<!\s)\s*(?:2>&1\s*)?\|\s*tee\s[^|&;]*$/, '')
    .replace(/\s--\s*$/, '')
    .trim();
}
