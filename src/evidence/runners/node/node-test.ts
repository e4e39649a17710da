import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

/** Node's own runner: `node --test`, or borp, which is built on it. */
export const nodeTest: Runner = {
  name: 'node:test',
  startedBy: /(?:^|[\s/])(?:node|tsx)(?:\s.*)?\s--test(?:\s|$)|(?:^|\s)borp(?:\s|$)/,
  report: {
    through: 'node',
    // `node --test` runs no script of its own. The preload recognizes it by its options.
    programs: [
      {
        script: /\/borp\/borp\.js$/,
        printer: { unless: /^(--reporter|-r)/, arguments: ['--reporter=spec'] },
        arguments: [`--reporter=${reportsPath}/node-test.mjs`],
        files: { as: 'relative', at: 'end' },
      },
    ],
    reporters: ['node-test.mjs'],
    files: `${reportsPath}/node-test.jsonl`,
    // Each file runs in its own process. If one crashes, that file fails and the run still finishes.
    parse: (text) => ({ cases: parseReporterLines(text).cases }),
  },
  settingsFiles: [],
  testPaths: /(^|\/)test\/|[._-]test\.[cm]?[jt]s$/i,
};
