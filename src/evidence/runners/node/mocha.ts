import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

export const mocha: Runner = {
  name: 'mocha',
  startedBy: /(?:^|[\s/])(?:_?mocha|ts-mocha)(?:\.js)?(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/mocha\/(bin\/_?mocha(\.js)?|lib\/cli\/cli\.js)$/,
        removes: /^(--bail|-b)$/,
        watches: /^(--watch|-w)$/,
        // Mocha accepts only one reporter. The reporter of the repository prints the results, so Pullwright's
        // reporter is attached to the library.
        arguments: [],
        files: { as: 'absolute', at: 'front' },
      },
    ],
    libraries: [{ script: /\/node_modules\/mocha\/lib\/mocha\.js$/, attaches: 'mocha.cjs' }],
    reporters: ['mocha.cjs', 'describe-error.cjs', 'open-report.cjs'],
    files: `${reportsPath}/mocha-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['.mocharc.*', 'babel.config.*', '.babelrc', '.swcrc'],
  packageKeys: ['mocha', 'babel'],
  testPaths: /(^|\/)test\/|[._-](test|spec)\.[cm]?[jt]sx?$/i,
};
