import { readFileSync } from 'node:fs';
import type { Script } from '../ecosystem.js';
import { downloadScript, wheelsFolder } from './pip-program.js';

/** What Poetry or uv does. Paths are relative to the current folder. */
interface LockJob {
  tool: 'poetry' | 'uv';
  /** The folder with the lockfile. */
  root: string;
  /** Packages to add to the manifest of the current folder; [] if there are none. */
  specs: string[];
  dev: boolean;
  /** The URLs of indexes that the base commit names. */
  indexes: string[];
}

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
const lock = read('lock.py');
const guard = read('run_poetry.py');

/**
 * Returns the name of the file with the locked packages of a project that are not installed. It is in the
 * folder of the downloaded packages.
 */
function nameOfPins(root: string): string {
  return `locked-${root.replace(/[^\w]/g, '-')}.txt`;
}

/**
 * Updates the lockfile and downloads the packages that are not installed, without running their code.
 * @param root the folder with the lockfile, relative to the root of the repository
 */
export function lockScript(job: LockJob, root: string): Script {
  const pins = nameOfPins(root);
  // pip need not choose versions, so it downloads exactly what the lockfile names.
  const files = { root: job.root, files: [pins], manifest: null, specs: [] };
  const download = downloadScript({ ...files, options: ['--no-deps'] });
  const locking = JSON.stringify({ ...job, guard, wheels: wheelsFolder, pins });
  return {
    script: `python -I - "$2" <<'LOCK' || exit\n${lock}LOCK\n${download.script}`,
    args: [...download.args, locking],
  };
}

/**
 * Installs the downloaded packages without network access. Poetry cannot do that. It leaves out packages that
 * are installed.
 */
export function installPins(root: string): string {
  const folder = `"$HOME/${wheelsFolder}"`;
  const pins = `${folder}/${nameOfPins(root)}`;
  return `[ ! -s ${pins} ] || python -m pip install --quiet --no-deps --no-index --find-links ${folder} -r ${pins}`;
}
