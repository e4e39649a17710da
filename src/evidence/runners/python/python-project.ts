import { hasFile, type RepositoryTree } from '../../repository-tree.js';

/**
 * The environment is made in the sandbox's home, whose `.local/bin` is first on the PATH. So `python` is the
 * one with the dependencies, and nothing of it lies in the repository.
 */
const environment = 'python3 -m venv --system-site-packages "$HOME/.local"';
const pip = 'python -m pip install --quiet';

export async function findPythonSetup({ files, readFile }: RepositoryTree): Promise<string[]> {
  const project = (await readFile('pyproject.toml')) ?? '';
  const isPackage = /\[project\]|\[build-system\]|\[tool\.poetry\]/.test(project) || files.has('setup.py');
  // Both tools take the environment that they are told. Where the server lacks them, they are installed
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

/** The program that runs tests: `python3` where there is nothing to install, and so no environment. */
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

/** The package, with those of its extras whose names say that they are for tests. */
function packageWithExtras(project: string): string {
  const optional = /\[project\.optional-dependencies\]([\s\S]*?)(?=\n\[|$)/.exec(project)?.[1] ?? '';
  const names = [...optional.matchAll(/^(dev|tests?|testing)\s*=/gm)].map(([, name]) => name);
  return names.length > 0 ? `'.[${names.join(',')}]'` : '.';
}
