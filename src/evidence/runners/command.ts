import type { Runner } from './runner.js';

/**
 * Any other command: a Makefile, a script, a build tool. Every runner that environment variables can reach is
 * asked for results. If none reports, the exit code is the result.
 */
export const command: Runner = {
  name: 'command',
  detect: async ({ readFile }) => {
    const makefile =
      (await readFile('GNUmakefile')) ?? (await readFile('makefile')) ?? (await readFile('Makefile'));
    return makefile && /^(?:[\w.-]+ )*test\s*:(?!=)/m.test(makefile) ? 'make test' : null;
  },
  report: null,
  settingsFiles: ['.taprc', 'bunfig.toml', 'Makefile', 'makefile', 'GNUmakefile'],
  packageKeys: ['ava', 'tap', 'nyc', 'c8'],
  // These are the conventions that many languages share.
  testPaths:
    /(^|\/)(tests?|specs?|testing|fixtures|__fixtures__)\/|(^|\/)(test_[^/]*|tests|[^/]*[._-](test|spec|tests|specs))\.[a-z]+(\.snap)?$/i,
};
