import type { Change } from '../workspace/workspace.js';

/** What is known about the paths that differ in the agent's tree. A folder ends with a slash. */
export interface Writers {
  /** Files that the agent wrote with the editor. */
  edited: readonly string[];
  /** Files and folders that belong to the change, as the agent says. */
  keep: readonly string[];
  /** Files and folders that runs of the tests wrote. */
  testsWrote: readonly string[];
}

/** Files that tools write and people do not, wherever they are. */
const traces =
  /(?:^|\/)(?:__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis|\.tox|\.nyc_output|[^/]+\.egg-info|htmlcov)\/|\.(?:pyc|pyo|tsbuildinfo|swp|coverage|DS_Store)$|~$|(?:^|\/)(?:npm-debug\.log|nohup\.out|core\.\d+)$/;
/** Folders that builds and runs of tests write. In some repositories, people write folders of these names. */
const outputs = /^(.*?(?:^|\/)(?:coverage|dist|build|out|target))\//;

/**
 * Finds the paths of a change that the agent did not edit, because running the tests or a build wrote them.
 * What the agent wrote with the editor, and what it says belongs to the change, always stays. If nothing else
 * changed, everything stays: in that case, the agent meant to produce these files.
 * @param basePaths the paths of all files in the base commit
 */
export function findLeftBehind(
  changes: readonly Change[],
  writers: Writers,
  basePaths: readonly string[],
): string[] {
  const stays = listMatcher([...writers.edited, ...writers.keep]);
  const isWritten = listMatcher(writers.testsWrote);
  const known = new Set(basePaths.flatMap((path) => outputs.exec(path)?.[1] ?? []));
  const isOutput = ({ path, status }: Pick<Change, 'path' | 'status'>) => {
    const folder = outputs.exec(path)?.[1];
    return status === 'added' && (traces.test(path) || (folder !== undefined && !known.has(folder)));
  };
  const parts = changes.flatMap(splitRename);
  const left = parts.filter((one) => !stays(one.path) && (isWritten(one.path) || isOutput(one)));
  return left.length === parts.length ? [] : left.map(({ path }) => path);
}

/**
 * Finds the new files of a change that its tests wrote again, although the agent could not know it. They may
 * belong to the change or not, so they stay in it, and the agent and reviewers hear of them.
 * @param written the files and folders that the tests of the change wrote
 */
export function findRewritten(
  changes: readonly Change[],
  { edited, keep, testsWrote }: Writers,
  written: readonly string[],
): string[] {
  const isKnown = listMatcher([...edited, ...keep, ...testsWrote]);
  const isWritten = listMatcher(written);
  return changes.flatMap(({ path, status }) =>
    status === 'added' && isWritten(path) && !isKnown(path) ? [path] : [],
  );
}

/** A renamed file is a deleted file and an added file. */
function splitRename({ path, from, status }: Change): Pick<Change, 'path' | 'status'>[] {
  if (from === undefined) return [{ path, status }];
  return [
    { path: from, status: 'deleted' },
    { path, status: 'added' },
  ];
}

/** Returns a function that tells whether a path is in a list, or in a folder of the list. */
function listMatcher(listed: readonly string[]): (path: string) => boolean {
  const entries = new Set(listed.map((one) => one.replace(/^\.\//, '').replace(/\/$/, '')));
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
      if (entries.has(path.slice(0, end))) return true;
    return false;
  };
}
