import { generateKeyPairSync } from 'node:crypto';

/** Creates the key pair of an App as PEM texts, in the format that GitHub hands out. */
export function createKeyPair(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}
