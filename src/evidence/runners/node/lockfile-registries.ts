/*
 * Lockfiles can name the registry by which they were made. This machine may have another one, or reach the
 * same one only by another name. All of these serve the same packages, and the lockfile's checksums are still
 * verified.
 */

/** Public names of the npm registry and of its mirrors, as regular expressions. */
const aliases = [
  'registry\\.npmjs\\.org',
  'registry\\.npmjs\\.com',
  'registry\\.yarnpkg\\.com',
  'registry\\.npm\\.taobao\\.org',
  'registry\\.nlark\\.com',
  'registry\\.npmmirror\\.com',
  'r\\.cnpmjs\\.org',
  'registry\\.cnpmjs\\.org',
  'mirrors\\.cloud\\.tencent\\.com/npm',
  'mirrors\\.tencent\\.com/npm',
  'mirrors\\.huaweicloud\\.com/repository/npm',
  'repo\\.huaweicloud\\.com/repository/npm',
].join('|');

/** Rules that replace these names, by the lockfile. They are expressions of `sed -E`. */
const rules = {
  // npm itself replaces registry.npmjs.org by the configured registry.
  'package-lock.json': [replaceIn('"resolved": "', '"')],
  'npm-shrinkwrap.json': [replaceIn('"resolved": "', '"')],
  'yarn.lock': [
    // Yarn 1 downloads from the hosts in the lockfile.
    replaceIn('  resolved "', '[#"]'),
    `s#(^  resolved .)https?://registry\\.[^/]+/#\\1$registry/#`,
    // Yarn 2 and newer write the address only if it is not the one of the configured registry.
    `s#::__archiveUrl=https?%3A%2F%2F(${aliases.replaceAll('/', '%2F')})%2F[^"]*##`,
  ],
  'pnpm-lock.yaml': [`s#, tarball: https?://(${aliases})/[^ },]*##`],
} as const;

export type NodeLockfile = keyof typeof rules;

/** Replaces the URL of a package, also in the form `/name/download/name-1.0.0.tgz?cache=0`. */
function replaceIn(before: string, after: string): string {
  return `s#(${before})https?://(${aliases})/([^"?\\#]*/)(-|download)/([^"?\\#/]*)(\\?[^"\\#]*)?(${after.replace('#', '\\#')})#\\1$registry/\\3-/\\5\\7#`;
}

/**
 * Adds to a command what makes it use the configured registry instead of those in the lockfile. Afterwards,
 * the lockfile is as it was.
 * @param text the content of the lockfile
 */
export function withConfiguredRegistry(command: string, lockfile: NodeLockfile, text: string): string {
  const foreign = new RegExp(`https?(?:://|%3A%2F%2F)(?:${aliases.replaceAll('/', '(?:/|%2F)')})(?:/|%2F)`);
  const isNpm = lockfile === 'package-lock.json' || lockfile === 'npm-shrinkwrap.json';
  const named = isNpm ? text.replaceAll('://registry.npmjs.org/', '') : text;
  const needed = lockfile === 'yarn.lock' && !/^__metadata:/m.test(text) ? /^/ : foreign;
  if (!needed.test(named)) return command;
  const program = `sed -i.committed -E ${rules[lockfile].map((rule) => `-e "${quoteRule(rule)}"`).join(' ')} ${lockfile}`;
  return `registry=\${npm_config_registry%/} && ${program} && ${command}; code=$?; mv ${lockfile}.committed ${lockfile}; exit $code`;
}

/** Quotes a rule for double quotes, in which `$registry` is replaced. */
function quoteRule(rule: string): string {
  return rule.replaceAll('"', '\\"');
}
