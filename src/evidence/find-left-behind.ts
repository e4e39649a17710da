import path from 'node:path';
import type { Work } from '../runs/work.js';
import type { Change, WrittenFile } from '../workspace/workspace.js';
import { isTestPath } from './runners/runners.js';

/** What is known about who wrote the files of the agent's tree. */
export interface Writers extends Pick<Work, 'edited' | 'keep' | 'testsWrote'> {
  /** Files that the tests write on the base commit. */
  beforeWrote: readonly WrittenFile[];
}

/** Files that tools write and people do not, wherever they are. */
const traces =
  /(?:^|\/)(?:__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis|\.tox|\.nyc_output|[^/]+\.egg-info|htmlcov)\/|\.(?:pyc|pyo|tsbuildinfo|swp|DS_Store)$|~$|(?:^|\/)(?:\.coverage|npm-debug\.log|nohup\.out)$/;
/** Folders that builds and runs of tests write. In some repositories, people write folders of these names. */
const outputs = /(?:^|\/)(?:coverage|dist|build|out|target)\//;
const lockfiles =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock|go\.sum|packages\.lock\.json|mix\.lock)$/;
const manifests =
  /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml|Cargo\.toml|pyproject\.toml|Pipfile|Gemfile|[^/]+\.gemspec|composer\.json|go\.mod|[^/]+\.csproj|mix\.exs)$/;
const snapshots = /(?:^|\/)__snapshots__\/|\.(?:snap|ambr)$/;

/**
 * Finds the paths of a change that the agent did not edit: files with exactly the content with which a run of
 * the tests left them, and what tools always leave. Everything else stays, also if it may be no edit. If
 * nothing else changed, everything stays: in that case, the agent meant to produce these files.
 */
export function findLeftBehind(changes: readonly Change[], writers: Writers): string[] {
  const belongs = findBelonging(changes, writers);
  const left = changes.filter((one) => !belongs(one) && isLeft(one, writers));
  return left.length === changes.length ? [] : left.map((one) => one.path);
}

function isLeft({ path: file, status, blob }: Change, { testsWrote, beforeWrote }: Writers): boolean {
  if (status === 'renamed') return false;
  if (status === 'added' && traces.test(file)) return true;
  if (testsWrote.some((one) => one.path === file && one.isSure && one.blob === blob)) return true;
  // That the tests delete a file on the base commit is no reason to keep the agent from deleting it.
  return blob !== null && beforeWrote.some((one) => one.path === file && one.blob === blob);
}

/**
 * Finds the paths that may have been left behind or edited: files that the tests write with another content,
 * and new files in folders where builds write. They stay in the change, and the agent and reviewers hear of
 * them.
 * @param afterWrote files that the tests of the change wrote
 */
export function findUnsure(
  changes: readonly Change[],
  writers: Writers,
  afterWrote: readonly WrittenFile[],
  basePaths: readonly string[],
): string[] {
  const belongs = findBelonging(changes, writers);
  const written = new Set([...writers.testsWrote, ...writers.beforeWrote].map((one) => one.path));
  const rewritten = new Set(afterWrote.map((one) => one.path));
  const folders = new Set(basePaths.map((file) => path.posix.dirname(file)));
  const found = changes.filter((one) => {
    const { path: file, status } = one;
    const isNew = status === 'added';
    const isOutput = isNew && outputs.test(file) && !folders.has(path.posix.dirname(file));
    const isWritten = status !== 'deleted' && (written.has(file) || (isNew && rewritten.has(file)));
    return (isWritten || isOutput) && !belongs(one);
  });
  return found.length === changes.length ? [] : found.map((one) => one.path);
}

/** Returns a function that says whether a file is known to belong to the change. */
function findBelonging(changes: readonly Change[], { edited, keep }: Writers): (one: Change) => boolean {
  const isNamed = new Set([...edited, ...keep.flatMap(toPaths)]);
  const changesManifest = changes.some((one) => manifests.test(one.path));
  const tests = changes
    .filter((one) => isTestPath(one.path) && !snapshots.test(one.path))
    .map((one) => path.posix.parse(one.path).name);
  return ({ path: file, from }) => {
    if (listParents(file).some((one) => isNamed.has(one)) || (from !== undefined && isNamed.has(from)))
      return true;
    if (lockfiles.test(file)) return changesManifest;
    const name = path.posix.basename(file);
    return snapshots.test(file) && tests.some((test) => name.startsWith(`${test}.`));
  };
}

/**
 * Turns a path as the agent writes it into one that is relative to the repository's root; '' is the root. A
 * pattern means the whole folder before its first special character. A name can contain such a character,
 * too.
 */
function toPaths(text: string): string[] {
  const relative = path.posix.normalize(text.replace(/^\/workspace(?=\/|$)/, '.'));
  const plain = relative.replace(/^\.(?:\/|$)/, '').replace(/\/+$/, '');
  const [folder = ''] = plain.split(/\/?[^/]*[*?{[(]/, 1);
  return folder === plain ? [plain] : [plain, folder];
}

/** Lists a path and the folders that contain it, up to the root. */
function listParents(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/')).concat('');
}
