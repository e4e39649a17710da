/** A network host that a command can reach. */
export interface AllowedHost {
  /** In lowercase. `*.example.org` means every host below example.org, but not example.org itself. */
  host: string;
  port: number;
  /** True when the operator named the host. Only then may the host have a private address. */
  mayBePrivate: boolean;
}

/** @param pattern a host name, or `*.example.org` for every host below example.org */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}
