import { holdsActiveSecret } from '../../secrets/find-secrets.js';
import type { Change, OmittedPaths } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { reportsFolder } from '../runners/runner.js';
import { checkFilter } from './check-filter.js';
import { checkLockfile, isDependencyManifest } from './check-lockfile.js';
import { checkManifest, isManifest } from './check-manifest.js';
import { checkLink, checkNames } from './check-names.js';
import { checkPath } from './check-path.js';
import { checkProgram } from './check-program.js';
import { block, mark } from './findings.js';
import { type Content, type ContentReader, maxFileBytes, readContent } from './read-content.js';
import { type SecretRules, scanFileSecrets } from './scan-secrets.js';

/** A change, and the functions that read its files. */
export interface ScannedChange extends ContentReader {
  changes: readonly Change[];
  omitted: OmittedPaths;
  /** The paths of all files in the base commit. */
  basePaths: readonly string[];
  /** Paths of files that the agent created and that git ignores. */
  ignoredFiles: readonly string[];
  /** Paths of files that the agent or a run of the tests or of a build may have written. */
  unsureFiles: readonly string[];
  /** Returns whether a word is in a text file of the base commit. */
  isOnBase(word: string): Promise<boolean>;
  /** Reads a file of the changed commit as text. Returns null if there is no such file. */
  readFile(file: string): Promise<string | null>;
  /**
   * Texts that Pullwright sends to GitHub in addition to the files: the agent's texts and the branch name.
   * `place` says where the text is used.
   */
  texts: readonly { place: string; text: string }[];
}

export interface ScanRules extends SecretRules {
  /** Globs for the paths that no agent is allowed to change. */
  protectedPaths: readonly string[];
}

const megabyte = 1024 * 1024;
const maxChangeBytes = 20 * megabyte;
const maxFiles = 1000;

/**
 * Finds the secrets and other problems in a change. Also finds the parts of the change that reviewers must
 * look at with special care.
 */
export async function scanChange(change: ScannedChange, rules: ScanRules): Promise<Finding[]> {
  const findings: Finding[] = [
    ...checkOmitted(change.omitted),
    ...checkIgnored(change),
    ...change.unsureFiles.map((file) =>
      mark('unsure-file', file, 'may be written by the tests or a build, and no part of the change'),
    ),
    ...checkSize(change.changes),
    ...checkNames(change.changes, change.basePaths),
    ...change.changes.flatMap((one) => [...checkPath(one, rules.protectedPaths)]),
  ];
  // This loop searches only for active secrets. Other text that looks like a credential is redacted later,
  // when Pullwright composes the pull request.
  for (const { place, text } of change.texts)
    if (holdsActiveSecret(text, rules.activeSecrets))
      findings.push(block('secret', place, 'contains a credential of this server'));
  for (const one of change.changes) {
    if (one.newMode === '160000') findings.push(block('submodule', one.path, 'adds or moves a submodule'));
    const content = await readContent(one, change);
    findings.push(...(await scanFileSecrets(one.path, content, rules)));
    if (content) findings.push(...(await checkContent(one, content, change)));
    const filter = change.omitted.filters.get(one.path);
    if (content && filter !== undefined)
      findings.push(...(await checkFilter(one, content.bytes, filter, change.isOnBase)));
  }
  return findings;
}

function checkOmitted({ nestedRepositories, refusedPaths, tooLarge }: OmittedPaths): Finding[] {
  return [
    ...nestedRepositories.map((folder) =>
      block(
        'nested-repository',
        folder,
        'is a separate git repository, so its files would be missing from the commit',
      ),
    ),
    ...refusedPaths.map((name) => block('odd-name', name, 'has a name that git refuses')),
    ...tooLarge.map((file) => block('size', file, "is larger than GitHub's limit of 100 MB")),
  ];
}

function checkIgnored({ ignoredFiles, changes, basePaths }: ScannedChange): Finding[] {
  const included = new Set([...basePaths, ...changes.map(({ path: file }) => file)]);
  return [...new Set(ignoredFiles)]
    .filter((file) => !included.has(file))
    .map((file) => mark('ignored-file', file, 'is not part of this change, because git ignores it'));
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
  { bytes, added }: Content,
  change: ScannedChange,
): Promise<Finding[]> {
  if (one.newMode === '120000') return checkLink(one.path, bytes.toString('utf8'));
  const findings: Finding[] = checkProgram(one, bytes);
  const namesReports = added
    ? added.some(({ text }) => text.includes(reportsFolder))
    : bytes.includes(reportsFolder);
  if (namesReports)
    findings.push(
      mark(
        'test-runner',
        one.path,
        'mentions the folder from which Pullwright reads test results, so it could forge them',
      ),
    );
  if (isManifest(one.path) || isDependencyManifest(one.path)) {
    const before = one.oldBlob ? await change.readBlob(one.oldBlob) : null;
    const texts = [before?.toString() ?? null, bytes.toString()] as const;
    findings.push(...(await checkLockfile(one.path, ...texts, change.readFile)));
    if (isManifest(one.path)) findings.push(...checkManifest(one.path, before, bytes));
  }
  return findings;
}
