/** Words that people write in place of a secret, and words of passwords that are easy to guess. */
const weakWords =
  /passwor[dt]|passwd|passphrase|pass|pwd|pw|secret|token|keys?|api|user(?:name)?|login|admin|root|guest|test(?:ing|er)?|default|dev(?:elop(?:ment|er))?|local(?:host)?|stag(?:ing|e)|prod(?:uction)?|replace|insert|enter|put|set|my|the|our|this|that|with|here|some|any|super|very|really|strong|long|real|value|string|todo|fixme|none|null|undefined|true|false|removed|hidden|masked|secure|not|foo|bar|baz|qux|hello|world|letmein|qwerty|welcome|sesame|open|postgres(?:ql)?|pgsql|mysql|maria(?:db)?|mongo(?:db)?|redis|rabbit(?:mq)?|elastic|minio|oracle|mssql|sqlserver|data|database|db|app(?:lication)?|server|client|service|web|auth|jwt|session|cookie|hash|salt|encrypt(?:ion)?|sign(?:ing)?|private|public|generated?|random(?:ly)?|min(?:imum)?|char(?:acter)?s?|least|must|only|for|and|or|use|only|in|of|at|to|me|it|is|an?|xyz|abc/g;
/** Examples from documentation. The last ones are credentials of RFC 6749, Stripe and Azurite. */
const examples =
  /example|placeholder|dummy|sample|change-?_?me|redacted|insecure|notreal|deadbeef|cafebabe|a1b2c3|(?<![A-Za-z0-9])(?:your|fake|mock|demo)|(.)\1{5}|\*{3}|\.{3}|2YotnFZFEjr1|tGzv3JOkF0XG5Qx|gX1fBat3bV|7Fjfp0ZBr1Kt|4eC39HqLyjWDarj|BQokikJOvBiI2Hl|KBHBeksoGMGw/i;
/** Values that refer to a secret or describe one: variables, templates, vault entries, paths, patterns. */
const reference =
  /\$[{(]|\$[A-Z_]{2}|^\$\w+$|\{\{|\{\w*\}|<[^>]*>|%\w+%|`|\w\(|\[\^?[\w-]+\]|\\[wdsS]|\(\?|^(?:arn|vault|op|ssm|file|projects|ENC|env):|^[~.]{0,2}\/[a-z_.-]+\//;

/** Pairs of a character and the letter that it replaces in passwords. For example, `0` replaces `o`. */
const leet = '0o@a3e$s5s1i!i';

/** Checks whether a value is either a placeholder, or a password that anyone can guess. */
export function isPlaceholder(value: string, user = ''): boolean {
  const lower = value.toLowerCase();
  const named = user.length > 2 ? lower.replaceAll(user.toLowerCase(), '') : lower;
  const unmasked = named
    .replace(/[^a-z]+$/, '')
    .replace(/[0@3$51!]/g, (sign) => leet[leet.indexOf(sign) + 1] ?? sign);
  if (examples.test(value) || reference.test(value) || isSequence(lower)) return true;
  return [named, unmasked].some((text) => text.replace(weakWords, '').replace(/[^a-z]/g, '').length < 3);
}

/** Checks for six characters where each one repeats or follows the previous one, such as `112233`. */
function isSequence(text: string): boolean {
  let length = 1;
  for (let at = 1; at < text.length && length < 6; at++) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
    length = step === 0 || step === 1 ? length + 1 : 1;
  }
  return length >= 6;
}

/**
 * Checks whether a value switches between letters, capitals and digits more often than words do.
 * @param isMarked whether the prefix or position suggests a credential. If so, the check is less strict.
 */
export function looksRandom(value: string, isMarked = false): boolean {
  const signs = value.replace(/[^A-Za-z0-9]/g, '').slice(0, 64);
  const digits = signs.replace(/\D/g, '').length;
  const changes = (signs.match(/[a-z]+|[A-Z]+|\d+/g) ?? []).length - 1;
  const inWords = (signs.match(/[A-Z][a-z]{2,}|[a-z]{3,}/g) ?? []).join('').length;
  const loneWords = value.match(/(?<![A-Za-z0-9])[A-Z]?[a-z]{3,}(?![A-Za-z0-9])/g) ?? [];
  const isVaried = new Set(signs).size >= Math.min(8, signs.length / 2);
  if (!isVaried || loneWords.length > 2 || isPlaceholder(value)) return false;
  const isMixed = /[a-z]/.test(signs) && /[A-Z]/.test(signs);
  if (!isMixed) return digits >= (isMarked ? 1 : 2) && changes >= (isMarked ? 0.1 : 0.2) * signs.length;
  const [minChanges, maxInWords] = isMarked ? [0.2, 0.75] : [0.3, 0.68];
  const isChanging = changes >= minChanges * signs.length && inWords < maxInWords * signs.length;
  return isChanging && (isMarked || digits > 0 || signs.length >= 24);
}

/** Checks for at least 8 characters, at least 3 kinds of characters (such as digits), and no placeholder. */
export function looksStrong(value: string, user = ''): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  return value.length >= 8 && kinds >= 3 && !isPlaceholder(value, user);
}
