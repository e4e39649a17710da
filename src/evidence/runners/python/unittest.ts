import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';
import { findPython, findPythonSetup, hasPythonTests } from './python-project.js';

/** Python's built-in test runner. Django's test runner is based on it. */
export const unittest: Runner = {
  name: 'unittest',
  findSetup: findPythonSetup,
  detect: async (tree) => {
    if (!hasPythonTests(tree)) return null;
    const program = tree.files.has('manage.py') ? 'manage.py test' : discover(tree);
    return `${await findPython(tree)} ${program}`;
  },
  startedBy: /-m unittest\b|\bmanage\.py test\b/,
  report: {
    through: 'command',
    // Python must not leave bytecode files behind, because they would become part of the change.
    environment: { PYTHONPATH: reportsPath, PYTHONDONTWRITEBYTECODE: '1' },
    reporters: ['pullwright_unittest.py'],
    // The command needs no file arguments, because pullwright_unittest.py itself reads the list of test
    // files.
    rewrite: (command) =>
      command
        .replace(/-m unittest\b/g, '-m pullwright_unittest')
        .replace(/(\S*python[\d.]*) (\S*manage\.py) test\b/g, '$1 -m pullwright_unittest --run $2 test'),
    files: `${reportsPath}/unittest-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['tox.ini', 'setup.cfg', 'noxfile.py', 'sitecustomize.py'],
  testPaths: /(^|\/)(test_[^/]*|[^/]*_test|tests)\.py$/i,
};

/**
 * Returns the arguments that make unittest find the tests. By default, unittest searches only packages. A
 * test folder that is not a package must therefore be named.
 */
function discover({ files }: RepositoryTree): string {
  const folders = ['tests', 'test'].filter(
    (folder) =>
      !files.has(`${folder}/__init__.py`) &&
      [...files].some((file) => new RegExp(`^${folder}/test\\w*\\.py$`).test(file)),
  );
  return `-m unittest discover${folders[0] ? ` -s ${folders[0]} -t .` : ''}`;
}
