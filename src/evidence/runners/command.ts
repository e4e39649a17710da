import type { Runner } from './runner.js';

/**
 * Any command that starts no known test runner directly, such as `make test`, a script or a build tool.
 * Pullwright sets the environment variables that make test runners write reports. If there is no report, the
 * exit code is the only result.
 */
export const command: Runner = {
  name: 'command',
  detect: async ({ readFile }) => {
    const makefile =
      (await readFile('GNUmakefile')) ?? (await readFile('makefile')) ?? (await readFile('Makefile'));
    return makefile && /^(?:[\w.-]+ )*test\s*:(?!=)/m.test(makefile) ? 'make test' : null;
  },
  report: null,
  settingsFiles: ['Makefile', 'makefile', 'GNUmakefile'],
  packageKeys: ['nyc', 'c8'],
  // Matches names that tests have in many languages.
  testPaths:
    /(^|\/)(tests?|specs?|testing|fixtures|__fixtures__)\/|(^|\/)(test_[^/]*|tests|[^/]*[._-](test|spec|tests|specs))\.[a-z]+(\.snap)?$/i,
};
