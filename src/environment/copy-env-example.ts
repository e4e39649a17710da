import type { CiTest } from './environment.js';
import type { Files } from './open-files.js';

const guides = ['README.md', 'readme.md', 'CONTRIBUTING.md', '.github/CONTRIBUTING.md', 'docs/README.md'];
/** A guide tells people to copy an example, as in `cp .env.example .env`. */
const copies =
  /\b(?:cp|copy|mv) {1,4}(?:-\w{1,9} )?(?:\.\/)?([\w.][\w.-]{0,60}) {1,4}(?:\.\/)?(\.env[\w.-]{0,60})/g;
const maxCopies = 3;

/**
 * Finds the commands that create files of variables such as `.env` from the examples of the repository, if
 * its guide for people tells so. Git must ignore these files, because they are no part of a change.
 */
export async function copyEnvExamples(files: Files): Promise<CiTest[]> {
  const ignored = (await files.text('.gitignore')) ?? '';
  const commands = new Map<string, CiTest>();
  for (const source of guides)
    for (const [, example = '', target = ''] of ((await files.text(source)) ?? '').matchAll(copies)) {
      const isNew = files.paths.has(example) && !files.paths.has(target) && !commands.has(target);
      if (!isNew || !ignores(ignored, target)) continue;
      commands.set(target, { command: `[ -e ${target} ] || cp ${example} ${target}`, folder: '', source });
    }
  return [...commands.values()].slice(0, maxCopies);
}

function ignores(gitignore: string, file: string): boolean {
  const patterns = [file, '.env*', file === '.env' ? '*.env' : '.env.*'];
  return gitignore.split('\n').some((line) => patterns.includes(line.trim().replace(/^\//, '')));
}
