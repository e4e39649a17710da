import { type Runner, reportsPath } from '../runner.js';
import { readJestConsole } from './console-output.js';
import { parseJestReport } from './jest-report.js';

export const jest: Runner = {
  name: 'jest',
  startedBy: /(?:^|[\s/])jest(?:\.js)?(?:\s|$)|(?:^|\s)(?:react-scripts|craco)(?:\s.*)?\stest(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/jest(-cli)?\/bin\/jest\.js$|\/react-scripts\/scripts\/test\.js$/,
        removes: /^(--bail|-b)(=|$)/,
        watches: /^--watch(All)?(=|$)/,
        arguments: ['--json', `--outputFile=${reportsPath}/jest-{pid}.json`, '--bail=0'],
        files: { as: 'pattern', at: 'front' },
        isSeparate: true,
      },
    ],
    libraries: [
      { script: /\/@jest\/core\/build\/(jest|index)\.js$/, attaches: 'jest-core.cjs' },
      { script: /\/jest-environment-node\/build\/index\.js$/, attaches: 'jest-starts.cjs' },
      { script: /\/jest-(?:circus|jasmine2)\/(?:runner|build\/\w+)\.js$/, attaches: 'jest-in-band.cjs' },
    ],
    reporters: ['jest-core.cjs', 'jest-in-band.cjs', 'jest-starts.cjs'],
    files: `${reportsPath}/jest-*.json`,
    parse: (text, printed) => ({ cases: parseJestReport(text, readJestConsole(printed)) }),
  },
  settingsFiles: ['jest.config.*', 'babel.config.*', '.babelrc', '.swcrc'],
  packageKeys: ['jest', 'babel'],
  testPaths: /(^|\/)__(tests|mocks|snapshots|fixtures)__\/|\.(test|spec)\.[cm]?[jt]sx?(\.snap)?$/i,
};
