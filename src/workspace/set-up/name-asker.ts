const packageName = '(?:@[\\w.-]+/)?[\\w.-]+';
const inModules = new RegExp(`node_modules/(${packageName})(?=[\\s:'"/]|$)`, 'g');
/** Lines in which npm, pnpm or Yarn 1 name the package whose script runs or failed. */
const namesScript =
  /^(?:npm (?:error|ERR!) path |error \/)|node_modules\/[^\s:]+(?::? (?:pre|post)?install\b|: Running )/;
const modernYarn = new RegExp(`[│|] (${packageName})@(?:npm|patch|workspace|git|https?):`);

/** A program can print anything, so only its last, short lines count. */
const maxOutput = 100_000;
const maxLine = 1000;

/**
 * Finds the package whose install script asked for a host, in what a package manager printed.
 * @param host as in `Execution.refusedHosts`: `host:port`, and a reason may follow
 * @returns null if the output does not say it
 */
export function nameAsker(output: string, host: string): string | null {
  const [name = ''] = host.split(/[:\s]/);
  const named = new Set<string>();
  let current: string | null = null;
  for (const line of output.slice(-maxOutput).split('\n')) {
    if (line.length > maxLine) continue;
    const found = findPackage(line);
    if (found !== null) {
      current = found;
      named.add(found);
    }
    if (name !== '' && current !== null && mentions(line, name)) return current;
  }
  // Only one script failed, so it was this one.
  const [only] = named;
  return named.size === 1 && only !== undefined ? only : null;
}

function findPackage(line: string): string | null {
  const [, modern] = modernYarn.exec(line) ?? [];
  if (modern) return modern;
  if (!namesScript.test(line)) return null;
  return [...line.matchAll(inModules)].at(-1)?.[1] ?? null;
}

function mentions(line: string, host: string): boolean {
  const at = line.toLowerCase().indexOf(host.toLowerCase());
  return (
    at >= 0 && !/[\w.-]/.test(line[at - 1] ?? ' ') && !/^(?:[\w-]|\.\w)/.test(line.slice(at + host.length))
  );
}
