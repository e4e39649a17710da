/** A host that a command may reach. */
export interface AllowedHost {
  /** Lower case. `*.example.org` means every host below example.org, but not example.org itself. */
  host: string;
  port: number;
  /**
   * The operator named the host, so it may be on a private network. Other hosts must have a public address.
   */
  mayBePrivate: boolean;
}

/** @param pattern a host, or `*.example.org` for every host below it */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}
