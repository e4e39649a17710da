import { isPlaceholder } from '../secrets/old/is-placeholder.js';

const secretName =
  /(?:^|_)(?:API_?)?(?:KEY|KEYS|SECRET|SECRETS|TOKEN|PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|CREDENTIALS?|AUTH|PAT|COOKIE|DSN|PRIVATE)(?:$|_|\d)|SECRET|PASSWORD|TOKEN|CREDENTIAL|APIKEY/i;
/** A path, a number, a switch, a bare URL: places and sizes, not secrets. */
const noSecret =
  /^(?:\/|\.\/|~)|^[\d.,:]{1,15}$|^(?:true|false|yes|no|none|enabled|disabled)$|^[a-z+]+:\/\/[^@]*$/i;
const shortestSecret = 8;

/**
 * What the environment holds beside our own settings that must not go out either: values whose names say that they are secret, and
 * passwords in URLs. Placeholders are none.
 * @param own names that are settings of ours
 */
export function findOtherSecrets(
  given: Record<string, string | undefined>,
  own: ReadonlySet<string>,
): string[] {
  const found = Object.entries(given).flatMap(([name, value = '']) => {
    if (own.has(name)) return [];
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.password)
      return isPlaceholder(url.password, url.username) ? [] : [value, safelyDecode(url.password)];
    return secretName.test(name) && !noSecret.test(value) && !isPlaceholder(value, '') ? [value] : [];
  });
  return [...new Set(found)].filter(({ length }) => length >= shortestSecret);
}

/**
 * The password of a URL, as it stands there and as it is meant. None where it is no secret: `postgres` stands in half of
 * all backends, and would be withheld there as a credential.
 */
export function secretsOf({ username, password }: { username: string; password: string }): string[] {
  const plain = safelyDecode(password);
  return isPlaceholder(plain, safelyDecode(username)) ? [] : [...new Set([plain, password])];
}

function safelyDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
