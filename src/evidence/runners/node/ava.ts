import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

export const ava: Runner = {
  name: 'ava',
  startedBy: /(?:^|[\s/])ava(?:\s|$)/,
  report: {
    through: 'node',
    programs: [
      {
        script: /\/ava\/(cli\.js|entrypoints\/cli\.m?js)$/,
        removes: /^--fail-fast$/,
        watches: /^(--watch|-w)$/,
        arguments: [],
        attaches: 'ava.cjs',
        files: { as: 'relative', at: 'end' },
        isSeparate: true,
      },
    ],
    reporters: ['ava.cjs', 'describe-error.cjs', 'open-report.cjs'],
    files: `${reportsPath}/ava-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['ava.config.*'],
  packageKeys: ['ava'],
  testPaths: /(^|\/)(test|__tests__)\/|\.(test|spec)\.[cm]?[jt]s$/i,
};
