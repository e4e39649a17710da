import { parseTap } from '../parsers/tap.js';
import { type Runner, reportsPath } from '../runner.js';

/** The command of node-tap. It is also the name for results that a program only prints. */
export const tap: Runner = {
  name: 'tap',
  startedBy: /(?:^|[\s/])tap(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/tap\/(bin\/run\.m?js|dist\/\w+\/run\.m?js)$/,
        removes: /^(--bail|-b)$/,
        watches: /^(--watch|-w)$/,
        arguments: [`--output-file=${reportsPath}/tap-{pid}.tap`],
        files: { as: 'relative', at: 'end' },
      },
    ],
    files: `${reportsPath}/tap-*.tap`,
    parse: (text, _printed, folder) => parseTap(text, folder),
  },
  settingsFiles: ['.taprc'],
  packageKeys: ['tap'],
  testPaths: /(^|\/)(test|tap-snapshots)\/|[._-](test|spec)\.[cm]?[jt]sx?$/i,
};

/** tape has a command, but its tests are often plain Node programs. */
export const tape: Runner = {
  name: 'tape',
  startedBy: /(?:^|[\s/])tape(?:\s|$)/,
  report: {
    through: 'node',
    programs: [{ script: /\/tape\/bin\/tape$/, arguments: [], files: { as: 'relative', at: 'end' } }],
    libraries: [{ script: /\/node_modules\/tape\/index\.js$/, attaches: 'tape.cjs' }],
    reporters: ['tape.cjs', 'open-report.cjs'],
    files: `${reportsPath}/tape-*.tap`,
    parse: (text, _printed, folder) => parseTap(text, folder),
  },
  settingsFiles: [],
  testPaths: /(^|\/)test\/|[._-](test|spec)\.[cm]?[jt]sx?$/i,
};
