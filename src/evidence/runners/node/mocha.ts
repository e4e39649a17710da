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
        // Mocha accepts only one reporter, which must be Pullwright's. That reporter then starts the
        // repository's own reporter, which prints the results.
        replaces: { options: ['--reporter', '-R'], variable: 'PULLWRIGHT_MOCHA_PRINTER' },
        arguments: [`--reporter=${reportsPath}/mocha.cjs`],
        files: { as: 'absolute', at: 'front' },
      },
    ],
    reporters: ['mocha.cjs', 'describe-error.cjs'],
    files: `${reportsPath}/mocha-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['.mocharc.*', 'babel.config.*', '.babelrc', '.swcrc'],
  packageKeys: ['mocha', 'babel'],
  testPaths: /(^|\/)test\/|[._-](test|spec)\.[cm]?[jt]sx?$/i,
};
