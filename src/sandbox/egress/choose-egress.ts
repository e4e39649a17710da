import { type AllowedHost, matchesHost } from './allowed-host.js';
import { chooseRecommended } from './recommended-hosts.js';
import type { Registries } from './registries.js';

/** The operator's rules for the network hosts that setup commands can reach. */
export interface EgressRules {
  /**
   * Package registries that this machine's package managers use. If null, no setup command has network
   * access.
   */
  registries: readonly AllowedHost[] | null;
  /** Hosts that most repositories may need. Empty if the operator closed them. */
  recommended: readonly AllowedHost[];
  /** Additional allowed hosts. `repository` is `owner/name` or `owner/*`; null means all repositories. */
  allow: readonly { repository: string | null; host: string; port: number }[];
  /** Repositories (`owner/name` or `owner/*`) in which setup commands have no network access. */
  deniedRepositories: readonly string[];
  /** Hosts that a repository may request in its settings. */
  requestable: readonly { host: string; port: number }[];
}

/**
 * Combines the operator's settings with the registries of this machine.
 * @param registries null if no setup command has network access
 */
export function egressRules(
  settings: Pick<EgressRules, 'allow' | 'deniedRepositories' | 'requestable'> & { recommended: boolean },
  registries: Pick<Registries, 'hosts' | 'configured'> | null,
): EgressRules {
  return {
    ...settings,
    registries: registries?.hosts ?? null,
    recommended: registries && settings.recommended ? chooseRecommended(registries) : [],
  };
}

/** The network hosts that the setup commands of one repository can reach. */
export interface Egress {
  /** Null if the setup commands have no network access. */
  allowed: AllowedHost[] | null;
  /**
   * Hosts that the repository's settings request but the operator does not allow. Each is spelled as in those
   * settings.
   */
  notGranted: string[];
}

/**
 * Applies the operator's rules to a repository's request. A repository may turn off its network access, or
 * request hosts that the operator lists as requestable.
 * @param requested `egress` in the repository's settings; null when it is not set
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
  const given = [...rules.registries, ...rules.recommended, ...granted];
  const isGranted = (one: Host) => given.some((entry) => covers(entry, one));
  const isRequestable = (one: Host) => rules.requestable.some((entry) => covers(entry, one));
  const wanted = (requested ?? []).map((text) => ({ text, ...parseHost(text) }));
  return {
    allowed: [
      ...rules.registries,
      ...rules.recommended,
      // The operator may name hosts on a private network. Hosts that a repository requests must have public
      // addresses.
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

/** Compares in lower case, because the names of GitHub repositories are case-insensitive. */
function matchesRepository(pattern: string, repository: string): boolean {
  const [wanted, full] = [pattern.toLowerCase(), repository.toLowerCase()];
  return wanted.endsWith('/*') ? full.startsWith(wanted.slice(0, -1)) : wanted === full;
}
