import { parseJunit } from '../parsers/xml.js';
import { findNewFiles, type Runner } from '../runner.js';
import { hasJvmTests, jvmTestPaths } from './jvm-project.js';

/**
 * Maven fetches the library that runs tests only when it is about to run one. Asking for a missing test is
 * enough.
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
    // A module that fails must not keep the others from running.
    rewrite: (command) => `${command} -fae`,
    files: findNewFiles('*/target/*-reports/*.xml'),
    parse: (text) => ({ cases: parseJunit(text) }),
  },
  settingsFiles: ['pom.xml'],
  testPaths: jvmTestPaths,
};

function program(files: ReadonlySet<string>): string {
  return files.has('mvnw') ? './mvnw' : 'mvn';
}
