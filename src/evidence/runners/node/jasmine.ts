import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

export const jasmine: Runner = {
  name: 'jasmine',
  startedBy: /(?:^|[\s/])jasmine(?:-ts)?(?:\.js)?(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/jasmine\/bin\/jasmine(\.js)?$/,
        removes: /^--fail-fast(=|$)/,
        arguments: [],
        files: { as: 'relative', at: 'end' },
      },
    ],
    libraries: [{ script: /\/node_modules\/jasmine\/lib\/jasmine\.js$/, attaches: 'jasmine.cjs' }],
    reporters: ['jasmine.cjs', 'describe-error.cjs', 'open-report.cjs'],
    files: `${reportsPath}/jasmine-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['jasmine.json', 'jasmine.mjs', 'jasmine.config.*'],
  testPaths: /(^|\/)spec\/|[._-]spec\.[cm]?[jt]s$/i,
};
