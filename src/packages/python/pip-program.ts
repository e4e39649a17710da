import { readFileSync } from 'node:fs';
import type { Script } from '../ecosystem.js';

/** What to download. Paths are relative to the repository. */
export interface DownloadJob {
  /** The root of the repository, relative to the current folder. */
  root: string;
  /** Requirements files whose packages are downloaded, or `pyproject.toml`. */
  files: string[];
  /** What pyproject.toml asks for, as lines of a requirements file. */
  project?: string[];
  /** What the build of the repository's own package needs. */
  build?: string[];
  /** The file to which packages are added; null if there is none. */
  manifest: string | null;
  /** The table and the key of pyproject.toml to which they are added; null for a requirements file. */
  section?: [string, string] | null;
  specs: string[];
  /** Options of pip. */
  options?: string[];
}

/** The folder of the home folder that contains the downloaded packages. */
export const wheelsFolder = '.pullwright-wheels';

/** Environment variables for `provide` and the scripts. */
export const environment = {
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONIOENCODING: 'utf-8',
};
/** Environment variables that make pip use only what was downloaded. */
export const offline = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: `/home/agent/${wheelsFolder}` };

/**
 * The set-up of the base commit has created the virtual environment, unless the base commit asks for no
 * packages. Its pip must know the option `--report`.
 */
export const provide = [
  '[ -x .local/bin/python ] || python3 -m venv --system-site-packages .local',
  `python -c 'import pip, sys; sys.exit([int(one) for one in pip.__version__.split(".")[:2]] < [22, 2])' || python -m pip install --quiet --only-binary :all: 'pip>=22.2'`,
];

const read = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
const download = read('download.py');
const inspect = read('inspect.py');
const guard = read('run_pip.py');

/** Downloads packages that are not installed, without running code of a package. */
export function downloadScript(job: DownloadJob): Script {
  const defaults = { project: [], build: [], section: null, options: [] };
  return runProgram(download, [JSON.stringify({ ...defaults, ...job, guard, wheels: wheelsFolder })]);
}

/** Prints an `InstalledPackage` for each of the names. */
export function inspectScript(names: readonly string[]): Script {
  return runProgram(inspect, [wheelsFolder, ...names]);
}

function runProgram(program: string, args: string[]): Script {
  // -I keeps Python from importing modules of the current folder.
  return { script: `python -I - "$@" <<'END'\n${program}END`, args };
}
