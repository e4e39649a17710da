import { gitText } from '../../local-github/git/run-git.js';
import { isTestFile } from '../grade/control-files.js';
import { InputError } from '../task.js';

export interface Fix {
  base: string;
  commit: string;
  /** The part of the fix that changes tests. */
  testPatch: string;
  /** The rest of the fix. */
  patch: string;
}

/**
 * Splits a merged fix into its tests and the rest. The base is the commit's first parent.
 * @throws InputError if there is no such commit, or if the fix has no tests or nothing else
 */
export async function readFix(gitDir: string, fix: string): Promise<Fix> {
  const resolve = async (revision: string) =>
    (await gitText(gitDir, ['rev-parse', '--verify', '--quiet', revision], { accept: [1, 128] })).trim();
  const [commit, base] = [await resolve(`${fix}^{commit}`), await resolve(`${fix}^1^{commit}`)];
  if (!commit || !base)
    throw new InputError(`fix: expected a commit with a parent in ${gitDir}; found ${fix}`);
  const listed = await gitText(gitDir, ['diff', '--no-renames', '--name-only', '-z', base, commit]);
  const files = listed.split('\0').filter(Boolean);
  const [tests, others] = [files.filter(isTestFile), files.filter((file) => !isTestFile(file))];
  if (tests.length === 0 || others.length === 0)
    throw new InputError(
      `fix: expected a commit that changes tests and other files; ${commit} changes ${files.slice(0, 10).join(', ')}`,
    );
  return { base, commit, testPatch: await diff(tests), patch: await diff(others) };

  function diff(paths: string[]): Promise<string> {
    const options = ['--binary', '--full-index', '--no-renames', '--no-color', '--no-ext-diff'];
    const literal = paths.map((one) => `:(top,literal)${one}`);
    return gitText(gitDir, ['diff', ...options, base, commit, '--', ...literal]);
  }
}
