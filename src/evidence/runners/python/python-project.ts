import { hasFile, type RepositoryTree } from '../../repository-tree.js';

/**
 * Creates the environment in the sandbox's home, whose `.local/bin` is first on the PATH. That way `python`
 * has the dependencies, and the environment is not part of the repository.
 */
const environment = 'python3 -m venv --system-site-packages "$HOME/.local"';
const pip = 'python -m pip install --quiet';

export async function findPythonSetup({ files, readFile }: RepositoryTree): Promise<string[]> {
  const project = (await readFile('pyproject.toml')) ?? '';
  const isPackage = /\[project\]|\[build-system\]|\[tool\.poetry\]/.test(project) || files.has('setup.py');
  // Both tools use the environment that the variable names. If the server lacks them, they are installed
  // first.
  const tool = (name: string) => `command -v ${name} >/dev/null || ${pip} ${name}`;
  if (files.has('uv.lock'))
    return [
      environment,
      tool('uv'),
      'UV_PROJECT_ENVIRONMENT="$HOME/.local" uv sync --locked --inexact --all-extras --all-groups',
    ];
  if (files.has('poetry.lock'))
    return [environment, tool('poetry'), 'VIRTUAL_ENV="$HOME/.local" poetry install --no-interaction'];
  const installs = [
    ...listRequirements(files).map((file) => `${pip} -r ${file}`),
    ...(isPackage ? [`${pip} -e ${packageWithExtras(project)}`] : []),
  ];
  return installs.length > 0 ? [environment, ...installs] : [];
}

/**
 * The program that runs tests. It is `python3` if nothing is installed, because then there is no environment.
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

/** The package with its extras that are meant for tests, going by their names. */
function packageWithExtras(project: string): string {
  const optional = /\[project\.optional-dependencies\]([\s\S]*?)(?=\n\[|$)/.exec(project)?.[1] ?? '';
  const names = [...optional.matchAll(/^(dev|tests?|testing)\s*=/gm)].map(([, name]) => name);
  return names.length > 0 ? `'.[${names.join(',')}]'` : '.';
}
