import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';

/** Node's own runner (`node --test`), also where borp starts it. */
export const nodeTest: Runner = {
  name: 'node:test',
  startedBy: /(?:^|[\s/])(?:node|tsx)(?:\s.*)?\s--test(?:\s|$)|(?:^|\s)borp(?:\s|$)/,
  report: {
    through: 'node',
    // `node --test` has no script of its own: the preload knows it by its options.
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
    // Each file has a process of its own. One that crashes is a failed file, and the run goes on to its end.
    parse: (text) => ({ cases: parseReporterLines(text).cases }),
  },
  settingsFiles: [],
  testPaths: /(^|\/)test\/|[._-]test\.[cm]?[jt]s$/i,
};
