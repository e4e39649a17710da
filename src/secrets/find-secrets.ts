import { findActiveSecrets } from './find-active-secrets.js';
import { findLookAlikes, type SearchOptions, unsearched } from './find-look-alikes.js';

export { unsearched };

/** The place of a secret in a text, as character offsets; `end` is exclusive. */
export interface SecretFinding {
  /** `active`: a credential that this process currently uses. `look-alike`: it looks like a credential. */
  kind: 'active' | 'look-alike';
  /** Human-readable name of the kind of secret, with an article. For example, `a GitHub token`. */
  name: string;
  start: number;
  end: number;
}

/**
 * Finds active secrets, plain or encoded, and look-alikes: sorted by position, without overlaps.
 * @param activeSecrets the credentials that this process currently uses; those under 8 characters are skipped
 */
export async function findSecrets(
  text: string,
  activeSecrets: readonly string[],
  options?: SearchOptions,
): Promise<SecretFinding[]> {
  const lookAlikes = await findLookAlikes(text, options);
  const findings: SecretFinding[] = lookAlikes.map((one) => ({ kind: 'look-alike', ...one }));
  for (const range of findActiveSecrets(text, activeSecrets))
    findings.push({ kind: 'active', name: 'a credential of this server', ...range });
  const merged: SecretFinding[] = [];
  for (const finding of findings.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (!last || finding.start >= last.end) merged.push(finding);
    else {
      last.end = Math.max(last.end, finding.end);
      if (finding.kind === 'active') [last.kind, last.name] = [finding.kind, finding.name];
    }
  }
  return merged;
}

/** Replaces every secret in a text with `[redacted]`. */
export async function redactSecrets(text: string, activeSecrets: readonly string[]): Promise<string> {
  let [result, from] = ['', 0];
  for (const { start, end } of await findSecrets(text, activeSecrets)) {
    result += `${text.slice(from, start)}[redacted]`;
    from = end;
  }
  return result + text.slice(from);
}

/** Checks whether a text or the bytes of a file contain an active secret, plain or encoded. */
export function holdsActiveSecret(text: string | Buffer, activeSecrets: readonly string[]): boolean {
  return !findActiveSecrets(text.toString(), activeSecrets).next().done;
}
