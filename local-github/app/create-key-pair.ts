import { generateKeyPairSync } from 'node:crypto';

/** Creates the key pair of an App in PEM format. As on GitHub, the private key is in PKCS#1 format. */
export function createKeyPair(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}
