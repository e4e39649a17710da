import ipaddr from 'ipaddr.js';

/**
 * The block that contains all public IPv6 addresses. IANA has assigned no unicast addresses outside of it.
 */
const routedIPv6 = ipaddr.parseCIDR('2000::/3');

/**
 * Checks whether an address is on the public internet. The result is false for this machine, its own network
 * and special ranges. It is also false for IPv6 addresses that embed an IPv4 address (mapped, NAT64, 6to4,
 * Teredo), because the IPv4 address may be private.
 * @param address an address as the resolver returns it; other text gives false
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(routedIPv6);
}
