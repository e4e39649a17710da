import picomatch from 'picomatch';
import type { AllowedPlace } from '../../runs/allowed-place.js';
import {
  findSecrets,
  holdsActiveSecret,
  type SecretFinding,
  unsearched,
} from '../../secrets/find-secrets.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';
import type { Content } from './read-content.js';

/**
 * The secrets that must not reach GitHub, and the places where text that looks like a credential is allowed.
 */
export interface SecretRules {
  /** The credentials that this process currently uses. */
  activeSecrets: readonly string[];
  /**
   * Globs from the repository's settings. Text that looks like a credential is allowed in all files that
   * match one of them.
   */
  allowedPaths: readonly string[];
  /** Places where a person allowed text that looks like a credential. */
  allowedPlaces: readonly AllowedPlace[];
}

/** Maximum number of findings per file for text that looks like a credential. */
const maxPerFile = 20;

/**
 * Finds secrets in one file:
 * (1) An active secret blocks the change, even if the secret is only in the file's name.
 * (2) Any other text that looks like a credential is marked, and does not block the change. The text is not
 * marked if the repository's settings, a person, or a Secretlint comment in the base commit allows the text.
 */
export async function scanFileSecrets(
  path: string,
  content: Content | null,
  { activeSecrets, allowedPaths, allowedPlaces }: SecretRules,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (holdsActiveSecret(path, activeSecrets))
    findings.push(block('secret', '(a file name)', 'contains a credential of this server'));
  if (!content) return findings;
  const isAllowedPath = picomatch.isMatch(path, [...allowedPaths], { dot: true });
  const isAllowed = (line: number | null) =>
    isAllowedPath ||
    allowedPlaces.some((place) => place.path === path && (place.line === null || place.line === line));
  let lookAlikes = 0;
  for (const { kind, name, line } of await findInContent(content, activeSecrets)) {
    const place = line === null ? {} : { line };
    if (kind === 'active') findings.push({ ...block('secret', path, `contains ${name}`), ...place });
    else if (!isAllowed(line) && lookAlikes++ < maxPerFile) {
      const says = `contains ${name === unsearched ? name : `what looks like ${name}`}`;
      findings.push({ ...mark('secret', path, says), ...place });
    }
  }
  return findings;
}

interface Line {
  /** The line number; null if `text` is a whole file. */
  line: number | null;
  text: string;
  isAdded: boolean;
}

type PlacedFinding = Pick<SecretFinding, 'kind' | 'name'> & { line: number | null };

async function findInContent(content: Content, activeSecrets: readonly string[]): Promise<PlacedFinding[]> {
  const { lines, obeyComments } = chooseLines(content);
  const findings = await findSecrets(lines.map(({ text }) => text).join('\n'), activeSecrets, {
    obeyComments,
  });
  const placed: PlacedFinding[] = [];
  const lengthOf = (index: number) => lines[index]?.text.length ?? Number.POSITIVE_INFINITY;
  // The findings are sorted by position, so one pass over the lines is enough.
  let [index, offset] = [0, 0];
  for (const { kind, name, start, end } of findings) {
    while (offset + lengthOf(index) < start) offset += lengthOf(index++) + 1;
    let [last, lastOffset] = [index, offset];
    while (!lines[last]?.isAdded && lastOffset + lengthOf(last) < end) lastOffset += lengthOf(last++) + 1;
    const line = lines[last];
    if (line?.isAdded) placed.push({ kind, name, line: line.line });
  }
  return placed;
}

const ignoreComment = /secretlint-(?:disable|enable)/;

/**
 * Chooses the lines to search. Usually these are only the added lines. If a line of the base commit contains
 * a Secretlint comment, all lines are searched, because the comment can apply to added lines. Secretlint
 * comments in added lines have no effect.
 */
function chooseLines({ bytes, added }: Content): { lines: Line[]; obeyComments: boolean } {
  const text = bytes.toString();
  // Git lists no added lines for a UTF-16 file. In such a file, every other byte is NUL, which would hide a
  // secret from the search.
  if (!added)
    return { lines: [{ line: null, text: text.replaceAll('\0', ''), isAdded: true }], obeyComments: false };
  const numbers = new Set(added.map(({ line }) => line));
  const all = text
    .split('\n')
    .map((one, index) => ({ line: index + 1, text: one, isAdded: numbers.has(index + 1) }));
  if (!all.some((one) => !one.isAdded && ignoreComment.test(one.text)))
    return { lines: added.map((one) => ({ ...one, isAdded: true })), obeyComments: false };
  return { lines: all.map((one) => ({ ...one, text: keepBaseComment(one) })), obeyComments: true };
}

/**
 * Adapts the Secretlint comments in a line. In an added line, changes the comments so that Secretlint ignores
 * them. In a line of the base commit, removes the rule names from the comments. A comment without rule names
 * applies to all rules, including Pullwright's own.
 */
function keepBaseComment({ text, isAdded }: Line): string {
  if (isAdded) return text.replace(new RegExp(ignoreComment, 'g'), 'secretlint is not ');
  return text.replace(
    /(secretlint-(?:disable-next-line|disable-line|disable|enable))((?:[ \t,]+@[\w/-]+)+)/g,
    (_, comment: string, rules: string) => comment + ' '.repeat(rules.length),
  );
}
