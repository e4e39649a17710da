import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

/** Node's built-in test runner. It is started with `node --test`, or with borp, which is based on it. */
export const nodeTest: Runner = {
  name: 'node:test',
  startedBy: /(?:^|[\s/])(?:node|tsx)(?:\s.*)?\s--test(?:\s|$)|(?:^|\s)borp(?:\s|$)/,
  report: {
    through: 'node',
    // `node --test` is not in this list, because it has no script file. preload.cjs recognizes it by its
    // options.
    programs: [
      {
        script: /\/borp\/borp\.js$/,
        printer: { unless: /^(--reporter|-r)/, arguments: ['--reporter=spec'] },
        arguments: [`--reporter=${reportsPath}/node-test.mjs`],
        files: { as: 'relative', at: 'end' },
        isSeparate: true,
      },
    ],
    reporters: ['node-test.mjs', 'node-run.cjs', 'describe-error.cjs', 'open-report.cjs'],
    files: `${reportsPath}/node-test-*.jsonl`,
    runsFilesInTurn: true,
    // This report needs no end line. Node runs each test file in its own process, so a crash fails one file
    // and the run still finishes.
    parse: (text) => ({ cases: parseReporterLines(text).cases }),
  },
  settingsFiles: [],
  testPaths: /(^|\/)test\/|[._-]test\.[cm]?[jt]s$/i,
};
