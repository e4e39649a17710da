import { parseJunit } from '../parsers/xml.js';
import { findNewFiles, type Runner } from '../runner.js';
import { hasJvmTests, jvmTestPaths } from './jvm-project.js';

/**
 * Maven downloads its test libraries only when it is about to run a test. The tests themselves run offline,
 * so the setup must download these libraries. These arguments name a test that does not exist, so Maven
 * downloads the libraries but runs no test.
 */
const fetchTestRunner =
  '-B -q test -Dtest=NoTestHasThisName -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false';

export const maven: Runner = {
  name: 'maven',
  findSetup: async ({ files }) => (files.has('pom.xml') ? [`${program(files)} ${fetchTestRunner}`] : []),
  detect: async (tree) =>
    tree.files.has('pom.xml') && hasJvmTests(tree) ? `${program(tree.files)} -B -o test` : null,
  startedBy: /\bmvnw?\b/,
  report: {
    through: 'command',
    // `-fae` makes Maven test the other modules even if one module fails.
    rewrite: (command) => `${command} -fae`,
    isAlwaysWritten: true,
    files: findNewFiles('*/target/*-reports/*.xml'),
    parse: (text, _printed, folder) => ({ cases: parseJunit(text, folder) }),
  },
  settingsFiles: ['pom.xml'],
  testPaths: jvmTestPaths,
};

function program(files: ReadonlySet<string>): string {
  return files.has('mvnw') ? './mvnw' : 'mvn';
}
