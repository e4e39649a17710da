interface PathMap {
  /** Replaces paths of a sandbox by those of the host. */
  toHost(text: string): string;
  /** Replaces paths of the host by those of a sandbox. */
  toSandbox(text: string): string;
}

/**
 * Translates paths in any text, such as scripts and output. Only whole names count: neither /tmpfile nor
 * ./tmp is /tmp.
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
