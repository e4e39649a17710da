import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { parseJunit } from '../parsers/xml.js';
import { findNewFiles, type Runner } from '../runner.js';
import { hasJvmTests, jvmTestPaths } from './jvm-project.js';

/**
 * Maven downloads plugins and test libraries only when it needs them. The tests themselves run offline, so
 * the setup must download these. The options name a test that does not exist, so Maven downloads the test
 * libraries but runs no test.
 */
const noTest = ['test', 'it.test'].map((name) => `-D${name}=NoTestHasThisName`);
const mayLackTests = ['surefire.', 'failsafe.'].map((name) => `-D${name}failIfNoSpecifiedTests=false`);
const options = [...noTest, ...mayLackTests, '-DfailIfNoTests=false'].join(' ');

/** Matches commands of CI that also need the plugins of later phases, such as those of integration tests. */
const laterPhases = /\bmvnw?\b[^\n]*\s(?:verify|install|package|integration-test)\b/;

async function findSetup(tree: RepositoryTree): Promise<string[]> {
  if (!tree.files.has('pom.xml')) return [];
  const call = `${program(tree.files)} -B -q`;
  const scripts = [...tree.files].filter((file) =>
    /^(?:\.github\/workflows\/[^/]+\.ya?ml|Makefile)$/.test(file),
  );
  const texts = await Promise.all(scripts.map(tree.readFile));
  const later = texts.some((text) => laterPhases.test(text ?? ''));
  // A check after the tests can fail, and what the tests themselves need is downloaded then as well.
  return [later ? `${call} verify ${options} || ${call} test ${options}` : `${call} test ${options}`];
}

export const maven: Runner = {
  name: 'maven',
  findSetup,
  detect: async (tree) =>
    tree.files.has('pom.xml') && hasJvmTests(tree) ? `${program(tree.files)} -B -o test` : null,
  startedBy: /\bmvnw?\b/,
  report: {
    through: 'command',
    // Maven reads this variable also if another command starts it.
    environment: { MAVEN_ARGS: '--offline --fail-at-end' },
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
