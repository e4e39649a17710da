import picomatch from 'picomatch';
import type { AllowedPlace } from '../../runs/allowed-place.js';
import { findSecrets, holdsActiveSecret, type SecretFinding } from '../../secrets/find-secrets.js';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';
import { type Content, type ContentReader, readContent } from './read-content.js';

/** The secrets that must not leave, and the places at which look-alikes are allowed. */
export interface SecretRules {
  /** The live credentials of this process. */
  activeSecrets: readonly string[];
  /** Globs of paths in which the repository's settings allow look-alikes. */
  allowedPaths: readonly string[];
  /** Places at which people allowed a look-alike. */
  allowedPlaces: readonly AllowedPlace[];
}

/** Further look-alikes of the same file are not listed. */
const maxPerFile = 20;

/** Finds the secrets in the names of a change's files and in what it adds to them. */
export async function scanSecrets(
  changes: readonly Change[],
  reader: ContentReader,
  rules: SecretRules,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const change of changes) {
    const content = await readContent(change, reader);
    findings.push(...(await scanFileSecrets(change.path, content, rules)));
  }
  return findings;
}

/**
 * An active secret blocks the change. A look-alike is a mark, unless it is allowed: by the repository's
 * settings, by a person, or by a comment for Secretlint that the base has.
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
    else if (!isAllowed(line) && lookAlikes++ < maxPerFile)
      findings.push({ ...mark('secret', path, `contains what looks like ${name}`), ...place });
  }
  return findings;
}

interface Line {
  /** Null: the text is not a line but a whole file. */
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
  // Findings are in order, so each line is passed once.
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
 * The added lines; all lines, if the base has a comment for Secretlint, which may cover added lines. The
 * change's own comments never count.
 */
function chooseLines({ bytes, added }: Content): { lines: Line[]; obeyComments: boolean } {
  const text = bytes.toString();
  // In UTF-16, every other byte is NUL.
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

/** A comment of the base counts for our own kinds too, whichever of Secretlint's rules it names. */
function keepBaseComment({ text, isAdded }: Line): string {
  if (isAdded) return text.replace(new RegExp(ignoreComment, 'g'), 'secretlint is not ');
  return text.replace(
    /(secretlint-(?:disable-next-line|disable-line|disable|enable))((?:[ \t,]+@[\w/-]+)+)/g,
    (_, comment: string, rules: string) => comment + ' '.repeat(rules.length),
  );
}
