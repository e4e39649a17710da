import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Variables } from './setting.js';

/**
 * The fields of Google's credential files that are credentials: of service accounts, users and others. They
 * can be nested, because a file can contain the credentials of an account that impersonates another one.
 */
const secretFields = new Set(['private_key', 'client_secret', 'refresh_token']);

/**
 * Reads the credentials in the file of GOOGLE_APPLICATION_CREDENTIALS. Without this variable, reads those in
 * the file that gcloud writes and that Google's libraries find by themselves; the file may be missing.
 */
export function readGoogleSecrets(
  credentialsFile: string | null,
  variables: Variables,
): { secrets: string[] } | { fault: string } {
  const found = credentialsFile ?? findDefaultFile(variables);
  if (found === null) return { secrets: [] };
  const expected = `${credentialsFile === null ? found : 'GOOGLE_APPLICATION_CREDENTIALS'}: expected`;
  let text: string;
  try {
    text = readFileSync(found, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (credentialsFile === null && (code === 'ENOENT' || code === 'ENOTDIR')) return { secrets: [] };
    return { fault: `${expected} a readable file; ${message}` };
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The message of the error would quote the file.
    return { fault: `${expected} a JSON file; ${found} is none` };
  }
  if (typeof content !== 'object' || content === null || !('type' in content))
    return { fault: `${expected} credentials of Google with a \`type\`; ${found} has none` };
  return { secrets: collectSecrets(content) };
}

/** Finds the file as Google's libraries do. */
function findDefaultFile({ CLOUDSDK_CONFIG, HOME }: Variables): string | null {
  const folder = CLOUDSDK_CONFIG ?? (HOME ? path.join(HOME, '.config', 'gcloud') : null);
  return folder && path.join(folder, 'application_default_credentials.json');
}

function collectSecrets(content: object): string[] {
  return Object.entries(content).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'string') return secretFields.has(name) ? [value] : [];
    return typeof value === 'object' && value !== null ? collectSecrets(value) : [];
  });
}
