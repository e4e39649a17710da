import type { Repository } from '../../task/task.js';
import { type AllowedHost, matchesHost } from './egress-proxy.js';

/** What the operator lets set-ups reach, of all repositories and of single ones. */
export interface EgressRules {
  /** Where this machine's package managers get theirs; null: every set-up is without network. */
  registries: readonly AllowedHost[] | null;
  /** Further hosts, for all or for those repositories that `repository` names. */
  allow: readonly { repository: string | null; host: string; port: number }[];
  /** Repositories whose set-up gets no network: `owner/name`, or `owner/*`. */
  deniedRepositories: readonly string[];
  /** Hosts that a repository may open for itself by its settings. */
  requestable: readonly { host: string; port: number }[];
}

export interface Egress {
  /** Null: no network. */
  allowed: AllowedHost[] | null;
  /** What the repository's settings ask for and the operator does not grant, as it stands there. */
  notGranted: string[];
}

/**
 * The operator's word bounds the repository's: its settings can close its set-up, or ask for hosts that the operator
 * holds out to all.
 * @param asked `egress` of the repository's settings; null where they say nothing
 */
export function chooseEgress(
  rules: EgressRules,
  { owner, name }: Pick<Repository, 'owner' | 'name'>,
  asked: 'none' | readonly string[] | null,
): Egress {
  const isThis = (pattern: string) => namesRepository(pattern, `${owner}/${name}`);
  if (rules.registries === null || rules.deniedRepositories.some(isThis) || asked === 'none')
    return { allowed: null, notGranted: Array.isArray(asked) ? [...asked] : [] };
  const named = rules.allow.filter(({ repository }) => repository === null || isThis(repository));
  const isNamed = (one: { host: string; port: number }) =>
    named.some(({ host, port }) => port === one.port && matchesHost(host, one.host));
  const wanted = (asked ?? []).map((text) => ({ text, ...readHost(text) }));
  const isHeldOut = (one: { host: string; port: number }) =>
    rules.requestable.some(({ host, port }) => port === one.port && matchesHost(host, one.host));
  return {
    allowed: [
      ...rules.registries,
      // The operator knows the own network, and may have named a host in it. Who only asks gets the public one.
      ...named.map(({ host, port }) => ({ host, port, mayBePrivate: true })),
      ...wanted.filter(isHeldOut).map(({ host, port }) => ({ host, port, mayBePrivate: false })),
    ],
    notGranted: wanted.filter((one) => !isNamed(one) && !isHeldOut(one)).map(({ text }) => text),
  };
}

/** `host` or `host:port`; 443 where none is named. */
export function readHost(text: string): { host: string; port: number } {
  const [host = '', port = '443'] = text.toLowerCase().split(':');
  return { host, port: Number(port) };
}

/** GitHub's names know no case. */
function namesRepository(pattern: string, repository: string): boolean {
  const [wanted, full] = [pattern.toLowerCase(), repository.toLowerCase()];
  return wanted.endsWith('/*') ? full.startsWith(wanted.slice(0, -1)) : wanted === full;
}
