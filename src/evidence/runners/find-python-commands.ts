import type { FoundCommands, TestCommand } from '../find-commands.js';
import { hasFile, type RepositoryTree } from '../repository-tree.js';

/**
 * The environment is made in the sandbox's home, which is first on the PATH: `python` is the one with the dependencies, and
 * nothing of it lies in the repository.
 */
const environment = 'python3 -m venv --system-site-packages "$HOME/.local"';
const pip = 'python -m pip install --quiet';

/** pytest where anything names it, else unittest; Django's own runner where the project is Django's. */
export async function findPythonCommands(tree: RepositoryTree): Promise<FoundCommands | null> {
  const { files, readFile } = tree;
  const project = (await readFile('pyproject.toml')) ?? '';
  const requirements = [...files]
    .filter((file) =>
      /^([\w-]*requirements[\w-]*\.txt|requirements\/(dev|tests?|base)[\w-]*\.txt)$/.test(file),
    )
    .sort();
  const tests = hasFile(tree, /(^|\/)(test_\w+|\w+_test|tests)\.py$/);
  const installable = /\[project\]|\[build-system\]|\[tool\.poetry\]/.test(project) || files.has('setup.py');
  if (!installable && requirements.length === 0 && !files.has('tox.ini') && !tests) return null;
  const setup = installCommands(tree, { requirements, installable, project });
  if (!tests) return { setup, test: null };

  const texts = [project, ...(await Promise.all(['tox.ini', 'setup.cfg', ...requirements].map(readFile)))];
  const usesPytest =
    files.has('pytest.ini') ||
    hasFile(tree, /(^|\/)conftest\.py$/) ||
    texts.some((text) => /\bpytest\b/.test(text ?? ''));
  const python = setup.length > 0 ? 'python' : 'python3';
  const test: TestCommand = usesPytest
    ? { command: `${python} -m pytest`, runner: 'pytest', takesArguments: true }
    : {
        command: `${python} ${files.has('manage.py') ? 'manage.py test' : unittestArguments(tree)}`,
        runner: 'unittest',
        takesArguments: false,
      };
  return { setup, test };
}

function installCommands(
  { files }: RepositoryTree,
  found: { requirements: string[]; installable: boolean; project: string },
): string[] {
  // Both tools take the environment that they are told, and are themselves installed where the server lacks them.
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
    ...found.requirements.map((file) => `${pip} -r ${file}`),
    ...(found.installable ? [`${pip} -e ${extras(found.project)}`] : []),
  ];
  return installs.length > 0 ? [environment, ...installs] : [];
}

/** Where a project keeps what its tests need, by the names that people give it. */
function extras(project: string): string {
  const optional = /\[project\.optional-dependencies\]([\s\S]*?)(?=\n\[|$)/.exec(project)?.[1] ?? '';
  const names = [...optional.matchAll(/^(dev|tests?|testing)\s*=/gm)].map(([, name]) => name);
  return names.length > 0 ? `'.[${names.join(',')}]'` : '.';
}

/** unittest's discovery looks into packages only: a plain folder of tests has to be named. */
function unittestArguments({ files }: RepositoryTree): string {
  const folders = ['tests', 'test'].filter(
    (folder) =>
      !files.has(`${folder}/__init__.py`) &&
      [...files].some((file) => new RegExp(`^${folder}/test\\w*\\.py$`).test(file)),
  );
  return `-m unittest discover${folders[0] ? ` -s ${folders[0]} -t .` : ''}`;
}
