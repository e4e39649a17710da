import { hasFile, type RepositoryTree } from '../../../environment/repository-tree.js';

/**
 * Creates a virtual environment in `~/.local` in the sandbox. `~/.local/bin` is first on the PATH, so
 * `python` finds the dependencies. The environment is outside of the repository, so it does not become part
 * of the change.
 */
const environment = 'python3 -m venv --system-site-packages "$HOME/.local"';
const pip = 'python -m pip install --quiet';
const noKeyring = 'keyring.backends.null.Keyring';

export async function findPythonSetup({ files, readFile }: RepositoryTree): Promise<string[]> {
  const project = (await readFile('pyproject.toml')) ?? '';
  const isPackage = /\[project\]|\[build-system\]|\[tool\.poetry\]/.test(project) || files.has('setup.py');
  // UV_PROJECT_ENVIRONMENT and VIRTUAL_ENV make uv and poetry use the virtual environment. If uv or poetry is
  // not installed, pip installs the missing program first.
  const tool = (name: string) => `command -v ${name} >/dev/null || ${pip} ${name}`;
  if (files.has('uv.lock'))
    return [
      environment,
      tool('uv'),
      'UV_PROJECT_ENVIRONMENT="$HOME/.local" uv sync --locked --inexact --all-extras --all-groups',
    ];
  if (files.has('poetry.lock'))
    return [
      environment,
      tool('poetry'),
      // Poetry would otherwise ask the desktop for passwords, and fail where there is none.
      `VIRTUAL_ENV="$HOME/.local" PYTHON_KEYRING_BACKEND=${noKeyring} poetry install --no-interaction`,
    ];
  const ofEnvironments = await findEnvironmentPackages(readFile);
  const installs = [
    ...listRequirements(files).map((file) => `${pip} -r ${file}`),
    ...(isPackage ? [`${pip} -e ${packageWithExtras(project)}`] : []),
    ...(ofEnvironments.length > 0 ? [`${pip} ${ofEnvironments.join(' ')}`] : []),
  ];
  return installs.length > 0 ? [environment, ...installs] : [];
}

/**
 * Finds the packages that tox or nox installs into the environment of the tests. The tests run in one
 * environment, so packages for certain versions of a dependency do not count.
 * @returns arguments of pip
 */
async function findEnvironmentPackages(readFile: RepositoryTree['readFile']): Promise<string[]> {
  const tox = (await readFile('tox.ini')) ?? '';
  const [, base = ''] = /^\[testenv\]$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(tox) ?? [];
  const [, listed = ''] = /^deps\s*=(.*(?:\n[ \t]+.*|\n)*)/m.exec(base) ?? [];
  const nox = (await readFile('noxfile.py')) ?? '';
  const [session = ''] =
    /^def (?:unit_?)?(?:tests?|pytest)\w*\(session\b[\s\S]*?(?=^(?:@|def )|(?![\s\S]))/m.exec(nox) ?? [];
  const installed = [...session.matchAll(/\bsession\.install\(([^)]*)\)/g)].map(([, words = '']) =>
    [...words.matchAll(/["']([^"']+)["']/g)].map(([, word = '']) => word).join(' '),
  );
  return [...listed.split('\n'), ...installed]
    .map((line) =>
      line
        .replace(/(?:^|\s)#.*$/, '')
        .replaceAll('{toxinidir}/', '')
        .trim(),
    )
    .filter((line) => /^(?:-r ?|-e ?)?[\w.[][\w.,[\]<>=!~ /-]*$/.test(line))
    .map((line) =>
      /^-[re]/.test(line)
        ? line
        : line
            .split(/\s+/)
            .map((word) => `'${word}'`)
            .join(' '),
    );
}

/**
 * Returns the program that runs the tests. Without dependencies, there is no virtual environment, so the
 * program is `python3`.
 */
export async function findPython(tree: RepositoryTree): Promise<'python' | 'python3'> {
  return (await findPythonSetup(tree)).length > 0 ? 'python' : 'python3';
}

export function hasPythonTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /(^|\/)(test_\w+|\w+_test|tests)\.py$/);
}

export function listRequirements(files: ReadonlySet<string>): string[] {
  const requirements = /^([\w-]*requirements[\w-]*\.txt|requirements\/(dev|tests?|base)[\w-]*\.txt)$/;
  return [...files].filter((file) => requirements.test(file)).sort();
}

/**
 * Returns the argument that makes pip install the package with its optional dependencies for tests. A group
 * of optional dependencies is for tests if its name is `dev`, `test`, `tests` or `testing`.
 */
function packageWithExtras(project: string): string {
  const optional = /\[project\.optional-dependencies\]([\s\S]*?)(?=\n\[|$)/.exec(project)?.[1] ?? '';
  const names = [...optional.matchAll(/^(dev|tests?|testing)\s*=/gm)].map(([, name]) => name);
  return names.length > 0 ? `'.[${names.join(',')}]'` : '.';
}
