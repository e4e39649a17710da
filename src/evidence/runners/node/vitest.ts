import { type Runner, reportsPath } from '../runner.js';
import { readVitestConsole } from './console-output.js';
import { parseJestReport } from './jest-report.js';

export const vitest: Runner = {
  name: 'vitest',
  startedBy: /(?:^|[\s/])vitest(?:\.mjs)?(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/vitest\/(vitest\.mjs|dist\/cli\.js)$/,
        removes: /^--bail=/,
        watches: /^(--watch|-w)(=|$)|^(watch|dev)$/,
        printer: { unless: /^--reporter/, arguments: ['--reporter=default'] },
        arguments: ['--reporter=json', `--outputFile.json=${reportsPath}/vitest-{pid}.json`],
        startsArguments: [`--reporter=${reportsPath}/vitest-starts.mjs`],
        // The files come last, because the first argument without dashes must be Vitest's own command, such
        // as `run`.
        files: { as: 'relative', at: 'end' },
        isSeparate: true,
      },
      // Nx calls the library of Vitest.
      { script: /\/nx\/bin\/run-executor\.js$/, arguments: [], attaches: 'vitest-api.cjs' },
    ],
    reporters: ['vitest-api.cjs', 'vitest-hooks.mjs', 'vitest-starts.mjs'],
    files: `${reportsPath}/vitest-*.json`,
    parse: (text, printed) => ({ cases: parseJestReport(text, readVitestConsole(printed)) }),
  },
  settingsFiles: ['vitest.config.*', 'vitest.workspace.*', 'vite.config.*'],
  packageKeys: ['vitest'],
  testPaths: /(^|\/)__(tests|mocks|snapshots|fixtures)__\/|\.(test|spec)\.[cm]?[jt]sx?(\.snap)?$/i,
};
