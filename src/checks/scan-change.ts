import path from 'node:path';
import picomatch from 'picomatch';
import type { Change, LeftOut } from '../workspace/workspace.js';
import type { Finding } from './evidence.js';
import { findRunnerChanges, reportsFolder, runnerFiles } from './find-runner-changes.js';
import { hidesLive, type SecretSearch, searchHere } from './find-secrets.js';

/** A change, and what is needed to look into it. */
export interface ScannedChange {
  changes: readonly Change[];
  leftOut: LeftOut;
  /** Every path of the base. */
  basePaths: readonly string[];
  readBlob(blob: string): Promise<Buffer>;
  addedLines(file: string): Promise<{ line: number; text: string }[]>;
  /** What goes out beside the files, and where: the words of the agent, the commit's message, the branch. */
  words: readonly { place: string; text: string }[];
}

export interface ScanRules {
  /** Values that must not leave. */
  live: readonly string[];
  /** Globs of paths that no agent may change. */
  protectedPaths: readonly string[];
}

const megabyte = 1024 * 1024;
const maxFileBytes = 5 * megabyte;
const maxChangeBytes = 20 * megabyte;
const maxFiles = 1000;

/** What GitHub or git do by themselves with a file of such a name: a reviewer has to look. */
const sensitive: [glob: string, says: string][] = [
  ['**/CODEOWNERS', 'changes who has to review'],
  ['**/.gitmodules', 'changes submodules'],
  ['**/.gitattributes', 'changes how git treats files'],
  ['**/{.npmrc,.yarnrc,.yarnrc.yml,.pypirc,pip.conf,.cargo/config.toml}', 'changes where packages come from'],
  ['.github/pullwright.yml', "changes this bot's settings"],
  ['{AGENTS.md,CLAUDE.md,.claude/**,.agents/**,.github/agents/**}', 'changes what agents are told'],
  [
    '**/{Dockerfile,Jenkinsfile,.gitlab-ci.yml,.travis.yml,azure-pipelines.yml,.circleci/**}',
    'changes how the project is built',
  ],
];

const notTheSame = 'the results before and after need not be of the same measurement';

/** Looks for what must not leave, or what a reviewer must not miss. Findings name places, never values. */
export async function scanChange(
  change: ScannedChange,
  rules: ScanRules,
  search: SecretSearch = searchHere,
): Promise<Finding[]> {
  const findings: Finding[] = [
    ...checkLeftOut(change.leftOut),
    ...checkSize(change.changes),
    ...checkNames(change),
    ...change.changes.flatMap((one) => [...checkPath(one, rules.protectedPaths)]),
  ];
  for (const { place, text } of change.words)
    for (const { what } of await search.find(text, rules.live))
      findings.push(block('secret', place, `holds ${what}`));
  const contents: string[] = [];
  for (const one of change.changes) {
    if (one.newMode === '160000') findings.push(block('submodule', one.path, 'adds or moves a submodule'));
    else if (one.blob && one.size <= maxFileBytes)
      findings.push(...(await checkContent(one, one.blob, change, rules, search, contents)));
  }
  if (
    !findings.some(({ rule }) => rule === 'secret') &&
    (await hidesTogether(change, contents, rules.live, search))
  )
    findings.push(block('secret', '(several files)', 'hold a credential of this installation in pieces'));
  return findings;
}

/** More than this is looked at file by file only. */
const maxTogether = megabyte;

/** Names one behind the other, and contents one behind the other. */
async function hidesTogether(
  { changes }: ScannedChange,
  contents: readonly string[],
  live: readonly string[],
  search: SecretSearch,
): Promise<boolean> {
  const names = changes.map(({ path: file }) => file).join('\n');
  const all = contents.join('\n');
  return (
    (await search.hides(names.slice(0, maxTogether), live)) ||
    (contents.length > 1 && all.length <= maxTogether && (await search.hides(all, live)))
  );
}

function checkLeftOut({ nestedRepositories, refusedPaths, tooLarge }: LeftOut): Finding[] {
  return [
    ...nestedRepositories.map((folder) =>
      block('nested-repository', folder, 'is a repository of its own, and its files would be missing'),
    ),
    ...refusedPaths.map((name) => block('odd-name', name, 'has a name that git refuses')),
    ...tooLarge.map((file) => block('size', file, 'is larger than the 100 MB that GitHub takes')),
  ];
}

function checkSize(changes: readonly Change[]): Finding[] {
  const total = changes.reduce((sum, { size }) => sum + size, 0);
  const large = changes.filter(({ size }) => size > maxFileBytes);
  const findings = large.map(({ path: file, size }) =>
    block(
      'size',
      file,
      `has ${(size / megabyte).toFixed(1)} MB; ${maxFileBytes / megabyte} MB is the limit for a file`,
    ),
  );
  if (total > maxChangeBytes)
    findings.push(
      block(
        'size',
        '.',
        `all files together have ${(total / megabyte).toFixed(1)} MB; ${maxChangeBytes / megabyte} MB is the limit`,
      ),
    );
  if (changes.length > maxFiles)
    findings.push(block('size', '.', `${changes.length} files are changed; ${maxFiles} is the limit`));
  return findings;
}

function checkNames({ changes, basePaths }: ScannedChange): Finding[] {
  const gone = new Set(
    changes.flatMap(({ status, path: file, from }) => (status === 'deleted' ? [file] : (from ?? []))),
  );
  const byFolded = new Map(basePaths.filter((file) => !gone.has(file)).map((file) => [fold(file), file]));
  return changes
    .filter(({ status }) => status === 'added' || status === 'renamed')
    .flatMap(({ path: file }) => {
      const twin = byFolded.get(fold(file));
      byFolded.set(fold(file), file);
      if (file.split('/').some(isGitLookAlike))
        return [block('odd-name', file, 'looks like git’s own folder to some systems')];
      if (
        /[\p{Cc}\p{Cf}\\]/u.test(file) ||
        file.split('/').some((part) => part.startsWith('-') || /[. ]$/.test(part))
      )
        return [block('odd-name', JSON.stringify(file), 'has a name that tools may misread')];
      return twin && twin !== file
        ? [block('odd-name', file, `differs from ${twin} by case or Unicode form only`)]
        : [];
    });
}

function fold(file: string): string {
  return file.normalize('NFKC').toLowerCase();
}

function isGitLookAlike(part: string): boolean {
  const folded = fold(part.replace(/\u034F|\p{Cf}/gu, '')).replace(/[. ]+$/, '');
  return folded === '.git' || /^git~\d+$/.test(folded) || folded.startsWith('.git::');
}

function* checkPath({ path: file, from }: Change, protectedPaths: readonly string[]): Generator<Finding> {
  const names = from ? [file, from] : [file];
  const match = (glob: string) =>
    names.some((name) => picomatch.isMatch(name, glob, { dot: true, nocase: true }));
  if (match('.github/{workflows,actions}/**'))
    yield block('workflow', file, 'is a workflow, and workflows run with your secrets');
  const rule = protectedPaths.find(match);
  if (rule) yield block('protected-path', file, `is protected by the rule ${rule}`);
  for (const [glob, says] of sensitive) if (match(glob)) yield mark('sensitive-file', file, says);
  if (match(runnerFiles)) yield mark('test-runner', file, `may change how the tests are run: ${notTheSame}`);
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
  const lines =
    one.added === null ? [{ line: 0, text: bytes.toString('latin1') }] : await change.addedLines(one.path);
  const text = lines.map((line) => line.text).join('\n');
  contents.push(text);
  // Places are in order: each line's end is passed once.
  let [index, end] = [0, text.indexOf('\n')];
  for (const { start, what, unplaced } of await search.find(text, rules.live)) {
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
    (await search.find(one.path, rules.live)).length > 0 ||
    (findings.length === 0 && hidesLive(`${one.path}\n${text.slice(0, 1000)}`, rules.live))
  )
    findings.push(block('secret', '(a file name)', 'holds a credential'));
  if (isLink) return findings;
  if (text.includes(reportsFolder))
    findings.push(
      mark(
        'test-runner',
        one.path,
        'names the place that test results are read from, and could make them up',
      ),
    );
  if (path.posix.basename(one.path) === 'package.json')
    findings.push(...(await checkManifest(one, bytes, change)));
  return findings;
}

/** A link has to end inside: relative, with `..` only at its start, so that no other link on the way leads out. */
function checkLink(file: string, target: string): Finding[] {
  const clean = path.posix.normalize(target);
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const lateUp =
    parts.findIndex((part) => part !== '..') >= 0 &&
    parts.slice(parts.findIndex((part) => part !== '..')).includes('..');
  const resolved = path.posix.join(path.posix.dirname(file), clean);
  if (target.startsWith('/') || resolved === '..' || resolved.startsWith('../') || lateUp)
    return [block('escaping-link', file, 'is a link that leads out of the repository')];
  if (resolved === '.git' || resolved.startsWith('.git/'))
    return [block('escaping-link', file, 'is a link into git’s own folder')];
  return [];
}

const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];

async function checkManifest(one: Change, bytes: Buffer, change: ScannedChange): Promise<Finding[]> {
  const after = readManifest(bytes);
  const before = one.oldBlob ? readManifest(await change.readBlob(one.oldBlob)) : {};
  const scripts = (manifest: Manifest) => (manifest.scripts ?? {}) as Record<string, unknown>;
  const installing = installScripts
    .filter((name) => scripts(after)[name] !== scripts(before)[name] && scripts(after)[name] !== undefined)
    .map((name) =>
      mark('install-script', one.path, `changes the script ${name}, which runs when someone installs`),
    );
  const testing = findRunnerChanges(before, after).map((what) =>
    mark('test-runner', one.path, `changes ${what}, and so how the tests are run: ${notTheSame}`),
  );
  return [...installing, ...testing];
}

type Manifest = Record<string, unknown>;

function readManifest(bytes: Buffer): Manifest {
  try {
    const manifest: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null ? (manifest as Manifest) : {};
  } catch (error) {
    // A package.json that is no JSON runs no scripts; the tests will say so.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function block(rule: string, file: string, says: string): Finding {
  return { severity: 'block', rule, path: file, says };
}

function mark(rule: string, file: string, says: string): Finding {
  return { severity: 'mark', rule, path: file, says };
}
