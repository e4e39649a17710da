import ipaddr from 'ipaddr.js';

/**
 * All IPv6 addresses that the internet routes to; IANA has assigned unicast addresses from no other block.
 */
const routedIPv6 = ipaddr.parseCIDR('2000::/3');

/**
 * Tells whether an address is on the public internet. It returns false for this machine, its own network,
 * special ranges, and IPv6 addresses that embed an IPv4 address (mapped, NAT64, 6to4, Teredo), since the IPv4
 * address may be private.
 * @param address as the resolver returns it; false for text that is not an IP address
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(routedIPv6);
}
