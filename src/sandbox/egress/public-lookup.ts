import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isPublicAddress } from './public-address.js';

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Creates a `lookup` for connections that must not reach a private network. The connection uses the addresses
 * that were checked, so a second DNS answer cannot change them.
 * @param refuse returns the error for a host without a public address
 */
export function createPublicLookup(refuse: (host: string) => Error) {
  return (host: string, options: LookupOptions, done: LookupDone): void =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const usable = addresses.filter(({ address }) => isPublicAddress(address));
      const [first] = usable;
      if (!first) return done(refuse(host), []);
      return options.all ? done(null, usable) : done(null, first.address, first.family);
    });
}
