import { generateKeyPairSync } from 'node:crypto';

/** An App's key pair, PEM, of the kind that GitHub hands out. */
export function createKeyPair(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}
