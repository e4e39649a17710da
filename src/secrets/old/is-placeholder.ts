const placeholders =
  /^(?:|postgres|password|passwd|pass|secret|example|root|admin|test|user|changeme|mysql|mongo|x+|\*+)$/i;

/** A password that everybody would try first: a word of every other file, which hides nothing. */
export function isPlaceholder(password: string, user: string): boolean {
  return placeholders.test(password) || password.toLowerCase() === user.toLowerCase();
}
