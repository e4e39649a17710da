import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

/** The test runner of hapi. */
export const lab: Runner = {
  name: 'lab',
  startedBy: /(?:^|[\s/])lab(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/lab\/bin\/lab$/,
        watches: /^--watch$/,
        arguments: [],
        files: { as: 'relative', at: 'end' },
      },
    ],
    libraries: [{ script: /\/node_modules\/(@hapi\/)?lab\/lib\/runner\.js$/, attaches: 'lab.cjs' }],
    reporters: ['lab.cjs', 'describe-error.cjs', 'open-report.cjs'],
    files: `${reportsPath}/lab-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['.labrc.*'],
  testPaths: /(^|\/)test\/|[._-](test|spec)\.[cm]?[jt]s$/i,
};
