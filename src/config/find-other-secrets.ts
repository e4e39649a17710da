const secretName =
  /(?:^|_)(?:API_?)?(?:KEY|KEYS|SECRET|SECRETS|TOKEN|PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|CREDENTIALS?|AUTH|PAT|COOKIE|DSN|PRIVATE)(?:$|_|\d)|SECRET|PASSWORD|TOKEN|CREDENTIAL|APIKEY/i;
/**
 * Matches values that are not secret: a path, a number, a word such as `true`, or a URL without a password.
 */
const harmlessValue =
  /^(?:\/|\.\/|~)|^[\d.,:]{1,15}$|^(?:true|false|yes|no|none|enabled|disabled)$|^[a-z+]+:\/\/[^@]*$/i;
/**
 * Source code uses these passwords as ordinary words. Redacting them would make output unreadable and protect
 * nothing.
 */
const commonPassword =
  /^(?:|postgres|password|passwd|pass|secret|example|root|admin|test|user|changeme|mysql|mongo|x+|\*+)$/i;
const minLength = 8;

/**
 * Finds credentials in the environment that belong to other programs. These are values of variables that are
 * named like a secret, and URLs with a password. Common passwords, which everybody would try first, are left
 * out.
 * @param own names of Pullwright's own variables, which are skipped
 */
export function findOtherSecrets(
  variables: Readonly<Record<string, string | undefined>>,
  own: ReadonlySet<string>,
): string[] {
  const found = Object.entries(variables).flatMap(([name, value = '']) => {
    if (own.has(name)) return [];
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.password)
      return isCommonPassword(url.password, url.username) ? [] : [value, decode(url.password)];
    const isSecret = secretName.test(name) && !harmlessValue.test(value) && !isCommonPassword(value, '');
    return isSecret ? [value] : [];
  });
  return [...new Set(found)].filter(({ length }) => length >= minLength);
}

/**
 * Returns a URL's password in decoded and in encoded form. Returns [] for a common password, which everybody
 * would try first.
 */
export function secretsOf({ username, password }: { username: string; password: string }): string[] {
  const decoded = decode(password);
  return isCommonPassword(decoded, decode(username)) ? [] : [...new Set([decoded, password])];
}

function isCommonPassword(password: string, user: string): boolean {
  return commonPassword.test(password) || password.toLowerCase() === user.toLowerCase();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
