import { findSecrets, hidesSecret, type SecretSearch } from '../../secrets/old/find-secrets.js';
import type { Change, OmittedPaths } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { reportsFolder } from '../runners/runner.js';
import { checkManifest, isManifest } from './check-manifest.js';
import { checkLink, checkNames } from './check-names.js';
import { checkPath } from './check-path.js';
import { block, mark } from './findings.js';

/** A change, and the functions that read its contents. */
export interface ScannedChange {
  changes: readonly Change[];
  leftOut: OmittedPaths;
  /** Every path of the base. */
  basePaths: readonly string[];
  readBlob(blob: string): Promise<Buffer>;
  addedLines(file: string): Promise<{ line: number; text: string }[]>;
  /** Texts that go out beside the files, each with its place: the agent's, the commit message, the branch. */
  words: readonly { place: string; text: string }[];
}

export interface ScanRules {
  /** Secret values in use, which must not leave. */
  live: readonly string[];
  /** Globs of paths that no agent may change. */
  protectedPaths: readonly string[];
}

const megabyte = 1024 * 1024;
const maxFileBytes = 5 * megabyte;
const maxChangeBytes = 20 * megabyte;
const maxFiles = 1000;

/** Finds secrets and other problems in a change, and places that a reviewer must not miss. */
export async function scanChange(
  change: ScannedChange,
  rules: ScanRules,
  search: SecretSearch = findSecrets,
): Promise<Finding[]> {
  const findings: Finding[] = [
    ...checkLeftOut(change.leftOut),
    ...checkSize(change.changes),
    ...checkNames(change.changes, change.basePaths),
    ...change.changes.flatMap((one) => [...checkPath(one, rules.protectedPaths)]),
  ];
  for (const { place, text } of change.words)
    for (const { what } of await search(text, rules.live))
      findings.push(block('secret', place, `holds ${what}`));
  const contents: string[] = [];
  for (const one of change.changes) {
    if (one.newMode === '160000') findings.push(block('submodule', one.path, 'adds or moves a submodule'));
    else if (one.blob && one.size <= maxFileBytes)
      findings.push(...(await checkContent(one, one.blob, change, rules, search, contents)));
  }
  if (!findings.some(({ rule }) => rule === 'secret'))
    findings.push(...(await findTogether(change, contents, rules.live, search)));
  return findings;
}

/** What is larger than the rest, and has no place here any more, is looked at file by file only. */
const maxTogether = megabyte;

/** Words, names and contents one behind the other: what is in pieces, each of them elsewhere. */
async function findTogether(
  { changes, words }: ScannedChange,
  contents: readonly string[],
  live: readonly string[],
  search: SecretSearch,
): Promise<Finding[]> {
  const parts = [
    ...words.map(({ text }) => text),
    ...changes.map(({ path: file }) => file),
    ...(contents.length > 1 ? contents : []),
  ];
  const bySize = [...parts.keys()].sort((one, other) => lengthAt(one) - lengthAt(other));
  const small = new Set<number>();
  let size = 0;
  for (const index of bySize) {
    size += lengthAt(index) + 1;
    if (size > maxTogether) break;
    small.add(index);
  }
  const [found] = await search(parts.filter((_, index) => small.has(index)).join('\n'), live);
  return found ? [block('secret', '(several files)', `together hold ${found.what}`)] : [];

  function lengthAt(index: number): number {
    return parts[index]?.length ?? 0;
  }
}

function checkLeftOut({ nestedRepositories, refusedPaths, tooLarge }: OmittedPaths): Finding[] {
  return [
    ...nestedRepositories.map((folder) =>
      block('nested-repository', folder, 'is a repository of its own, so its files would be missing'),
    ),
    ...refusedPaths.map((name) => block('odd-name', name, 'has a name that git refuses')),
    ...tooLarge.map((file) => block('size', file, "is larger than GitHub's limit of 100 MB")),
  ];
}

function checkSize(changes: readonly Change[]): Finding[] {
  const total = changes.reduce((sum, { size }) => sum + size, 0);
  const large = changes.filter(({ size }) => size > maxFileBytes);
  const findings = large.map(({ path: file, size }) =>
    block(
      'size',
      file,
      `is ${(size / megabyte).toFixed(1)} MB large, and the limit for a file is ${maxFileBytes / megabyte} MB`,
    ),
  );
  if (total > maxChangeBytes)
    findings.push(
      block(
        'size',
        '(the whole change)',
        `has ${(total / megabyte).toFixed(1)} MB of changed files, and the limit is ${maxChangeBytes / megabyte} MB`,
      ),
    );
  if (changes.length > maxFiles)
    findings.push(
      block(
        'size',
        '(the whole change)',
        `has ${changes.length} changed files, and the limit is ${maxFiles}`,
      ),
    );
  return findings;
}

async function checkContent(
  one: Change,
  blob: string,
  change: ScannedChange,
  rules: ScanRules,
  search: SecretSearch,
  contents: string[],
): Promise<Finding[]> {
  const bytes = await change.readBlob(blob);
  const isLink = one.newMode === '120000';
  const findings: Finding[] = isLink ? checkLink(one.path, bytes.toString('utf8')) : [];
  // Of a name that is no UTF-8 the bytes are lost, and by what is left of it git finds no line.
  const isNamed = one.added !== null && !one.path.includes('\uFFFD');
  const added = isNamed ? await change.addedLines(one.path) : [];
  const lines =
    isNamed && added.length >= (one.added ?? 0) ? added : [{ line: 0, text: bytes.toString('latin1') }];
  const text = lines.map((line) => line.text).join('\n');
  contents.push(text);
  // Places are in order: each line's end is passed once.
  let [index, end] = [0, text.indexOf('\n')];
  for (const { start, what, unplaced } of await search(text, rules.live)) {
    for (; end >= 0 && end < start; end = text.indexOf('\n', end + 1)) index += 1;
    const line = unplaced ? 0 : lines[index]?.line;
    findings.push({
      severity: 'block',
      rule: 'secret',
      path: one.path,
      ...(line && { line }),
      says: `holds ${what}`,
    });
  }
  // A name, and what stands in the file behind it.
  if (
    (await search(one.path, rules.live)).length > 0 ||
    (findings.length === 0 && hidesSecret(`${one.path}\n${text.slice(0, 1000)}`, rules.live))
  )
    findings.push(block('secret', '(a file name)', 'holds a credential'));
  if (isLink) return findings;
  if (text.includes(reportsFolder))
    findings.push(
      mark(
        'test-runner',
        one.path,
        'names the folder that test results are read from, so it could forge results',
      ),
    );
  if (isManifest(one.path)) {
    const before = one.oldBlob ? await change.readBlob(one.oldBlob) : null;
    findings.push(...checkManifest(one.path, before, bytes));
  }
  return findings;
}
