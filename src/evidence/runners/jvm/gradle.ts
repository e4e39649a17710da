import { parseJunit } from '../parsers/xml.js';
import { findNewFiles, type Runner } from '../runner.js';
import { hasJvmTests, jvmTestPaths } from './jvm-project.js';

export const gradle: Runner = {
  name: 'gradle',
  findSetup: async ({ files }) => (isGradle(files) ? [`${program(files)} testClasses`] : []),
  detect: async (tree) =>
    isGradle(tree.files) && hasJvmTests(tree) ? `${program(tree.files)} --offline test` : null,
  startedBy: /\bgradlew?\b/,
  report: {
    through: 'command',
    // `--continue` makes Gradle test the other modules even if one module fails.
    rewrite: (command) => `${command} --continue`,
    isAlwaysWritten: true,
    files: findNewFiles('*/build/test-results/*.xml'),
    parse: (text, _printed, folder) => ({ cases: parseJunit(text, folder) }),
  },
  settingsFiles: ['build.gradle', 'build.gradle.kts', 'gradle.properties'],
  testPaths: jvmTestPaths,
};

/** Checks for Gradle's build files. A repository that also has a pom.xml counts as a Maven project. */
function isGradle(files: ReadonlySet<string>): boolean {
  return !files.has('pom.xml') && (files.has('build.gradle') || files.has('build.gradle.kts'));
}

function program(files: ReadonlySet<string>): string {
  return files.has('gradlew') ? './gradlew' : 'gradle';
}
