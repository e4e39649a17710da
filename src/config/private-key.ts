import { readFileSync } from 'node:fs';

/**
 * Reads the App's private key.
 * @param key value of PRIVATE_KEY: PEM, PEM with `\n` for its newlines, or PEM in base64 (as in Probot)
 * @param file path of a file that contains the key in one of these forms; used only if `key` is null
 * @returns the key as PEM, or a message that tells the operator what is wrong and never quotes the key
 */
export function readPrivateKey(key: string | null, file: string | null): { pem: string } | { fault: string } {
  if (key !== null) return parse(key, 'PRIVATE_KEY');
  if (file === null)
    return { fault: "PRIVATE_KEY or PRIVATE_KEY_PATH: expected the App's private key (PEM); neither is set" };
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    return { fault: `PRIVATE_KEY_PATH: expected a readable file; ${(error as Error).message}` };
  }
  return parse(content, 'PRIVATE_KEY_PATH');
}

function parse(text: string, variable: string): { pem: string } | { fault: string } {
  const pem = text.includes('-----BEGIN')
    ? text.replaceAll('\\n', '\n')
    : Buffer.from(text, 'base64').toString('utf8');
  return /-----BEGIN (RSA )?PRIVATE KEY-----/.test(pem)
    ? { pem }
    : { fault: `${variable}: expected a PEM private key; found none` };
}
