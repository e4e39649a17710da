import { type AllowedHost, matchesHost } from './allowed-host.js';

/** The operator's rules about which hosts set-ups may reach. */
export interface EgressRules {
  /** Package registries that this machine is configured for. Null: every set-up runs without network. */
  registries: readonly AllowedHost[] | null;
  /**
   * Further hosts: for all repositories, or for the one that `repository` names (`owner/name` or `owner/*`).
   */
  allow: readonly { repository: string | null; host: string; port: number }[];
  /** Repositories whose set-up runs without network: `owner/name` or `owner/*`. */
  deniedRepositories: readonly string[];
  /** Hosts that a repository may request in its settings. */
  requestable: readonly { host: string; port: number }[];
}

/** The hosts that the set-up of one repository may reach. */
export interface Egress {
  /** Null: no network. */
  allowed: AllowedHost[] | null;
  /** Hosts that the repository requests and the operator does not grant, as written in its settings. */
  notGranted: string[];
}

/**
 * Applies the operator's rules to a repository's request. A repository can turn its network off, or request
 * hosts that the operator offers.
 * @param requested `egress` of the repository's settings; null when it is not set
 */
export function chooseEgress(
  rules: EgressRules,
  { owner, name }: { owner: string; name: string },
  requested: 'none' | readonly string[] | null,
): Egress {
  const isThis = (pattern: string) => matchesRepository(pattern, `${owner}/${name}`);
  if (rules.registries === null || rules.deniedRepositories.some(isThis) || requested === 'none')
    return { allowed: null, notGranted: Array.isArray(requested) ? [...requested] : [] };
  const granted = rules.allow.filter(({ repository }) => repository === null || isThis(repository));
  const isGranted = (one: Host) => granted.some((entry) => covers(entry, one));
  const isRequestable = (one: Host) => rules.requestable.some((entry) => covers(entry, one));
  const wanted = (requested ?? []).map((text) => ({ text, ...parseHost(text) }));
  return {
    allowed: [
      ...rules.registries,
      // The operator may have named a host on a private network. A repository's request gets public addresses
      // only.
      ...granted.map(({ host, port }) => ({ host, port, mayBePrivate: true })),
      ...wanted.filter(isRequestable).map(({ host, port }) => ({ host, port, mayBePrivate: false })),
    ],
    notGranted: wanted.filter((one) => !isGranted(one) && !isRequestable(one)).map(({ text }) => text),
  };
}

interface Host {
  host: string;
  port: number;
}

function covers(entry: Host, { host, port }: Host): boolean {
  return entry.port === port && matchesHost(entry.host, host);
}

/** @param text `host` or `host:port`; the default port is 443 */
function parseHost(text: string): Host {
  const [host = '', port = '443'] = text.toLowerCase().split(':');
  return { host, port: Number(port) };
}

/** GitHub's names are case-insensitive. */
function matchesRepository(pattern: string, repository: string): boolean {
  const [wanted, full] = [pattern.toLowerCase(), repository.toLowerCase()];
  return wanted.endsWith('/*') ? full.startsWith(wanted.slice(0, -1)) : wanted === full;
}
