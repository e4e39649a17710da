export interface PathMap {
  /** Replaces sandbox paths with host paths. */
  toHost(text: string): string;
  /** Replaces host paths with sandbox paths. */
  toSandbox(text: string): string;
}

/**
 * Returns functions that translate the paths in a text, such as a script. Only whole names match: the path
 * /tmp does not match in /tmpfile.
 */
export function mapPaths(places: readonly { from: string; to: string }[]): PathMap {
  return {
    toHost: createReplacer(places.map(({ from, to }) => [to, from])),
    toSandbox: createReplacer(places.map(({ from, to }) => [from, to])),
  };
}

function createReplacer(pairs: [string, string][]): (text: string) => string {
  const longestFirst = [...pairs].sort(([one], [other]) => other.length - one.length);
  const targets = new Map(pairs);
  const names = longestFirst.map(([name]) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\w./~-])(?:${names})(?![\\w-]|\\.\\w)`, 'g');
  return (text) => text.replace(pattern, (name) => targets.get(name) ?? name);
}
