import { hasFile } from '../../../environment/repository-tree.js';
import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';
import { findPython, findPythonSetup, hasPythonTests, listRequirements } from './python-project.js';

export const pytest: Runner = {
  name: 'pytest',
  findSetup: findPythonSetup,
  detect: async (tree) => {
    const { files, readFile } = tree;
    if (!hasPythonTests(tree)) return null;
    const named = ['pyproject.toml', 'tox.ini', 'setup.cfg', ...listRequirements(files)];
    const texts = await Promise.all(named.map(readFile));
    const isUsed =
      files.has('pytest.ini') ||
      hasFile(tree, /(^|\/)conftest\.py$/) ||
      texts.some((text) => /\bpytest\b/.test(text ?? ''));
    return isUsed ? `${await findPython(tree)} -m pytest` : null;
  },
  startedBy: /\bpytest\b/,
  report: {
    through: 'environment',
    environment: {
      PYTHONPATH: reportsPath,
      // Python must not leave bytecode files behind, because they would become part of the change.
      PYTHONDONTWRITEBYTECODE: '1',
      // While the tests run, there is no network. A test that installs packages must fail at once.
      PIP_RETRIES: '0',
      // tox passes on only the variables that its settings name, or these: version 3 reads the first setting
      // and version 4 reads the second one.
      TOX_TESTENV_PASSENV: 'PYT*',
      TOX_OVERRIDE: 'testenv.pass_env+=PYT*',
      PYTEST_ADDOPTS: '-p pullwright_pytest --continue-on-collection-errors -o cache_dir=/tmp/pytest-cache',
    },
    reporters: ['pullwright_pytest.py'],
    takesFiles: true,
    files: `${reportsPath}/pytest-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: [
    'pytest.ini',
    '.pytest.ini',
    'tox.ini',
    'setup.cfg',
    'pyproject.toml',
    'conftest.py',
    'noxfile.py',
    'sitecustomize.py',
  ],
  testPaths: /(^|\/)(test_[^/]*|[^/]*_test|tests|conftest)\.py$/i,
};
