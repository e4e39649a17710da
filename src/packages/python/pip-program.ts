import { readFileSync } from 'node:fs';
import type { Script } from '../ecosystem.js';

/** What to download. Paths are relative to the repository. */
export interface DownloadJob {
  /** The root of the repository, relative to the current folder. */
  root: string;
  /** Requirements files whose packages are downloaded. */
  files: string[];
  /** What the build of the repository's own package needs. */
  build: string[];
  /** The file to which packages are added; null if there is none. */
  manifest: string | null;
  specs: string[];
}

/** The folder of the home folder that contains the downloaded packages. */
export const wheelsFolder = '.pullwright-wheels';

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
const download = read('download.py');
const inspect = read('inspect.py');
const guard = read('run_pip.py');

/** Downloads packages that are not installed, without running code of a package. */
export function downloadScript(job: DownloadJob): Script {
  return runProgram(download, [JSON.stringify({ ...job, guard, wheels: wheelsFolder })]);
}

/** Prints an `InstalledPackage` for each of the names. */
export function inspectScript(names: readonly string[]): Script {
  return runProgram(inspect, [wheelsFolder, ...names]);
}

function runProgram(program: string, args: string[]): Script {
  // -I keeps Python from importing modules of the current folder.
  return { script: `python -I - "$@" <<'END'\n${program}END`, args };
}
