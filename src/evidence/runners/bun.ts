import { hasFile } from '../../environment/repository-tree.js';
import { stripEscapes } from '../../text/strip-escapes.js';
import { findNodeSetup } from './node/node-project.js';
import { type ReportedCase, relativePath, testCase } from './parsers/test-case.js';
import { parseJunit } from './parsers/xml.js';
import { type ParsedReport, type Runner, reportsPath } from './runner.js';

const report = `${reportsPath}/bun.xml`;
const testPaths = /[._](test|spec)\.[cm]?[jt]sx?$/;

export const bun: Runner = {
  name: 'bun',
  findSetup: findNodeSetup,
  detect: async (tree) => {
    const isBun = ['bun.lock', 'bun.lockb', 'bunfig.toml'].some((file) => tree.files.has(file));
    return isBun && hasFile(tree, testPaths) ? 'bun test' : null;
  },
  startedBy: /\bbun test\b/,
  report: {
    through: 'environment',
    // Bun adds these arguments to its own. Only `bun test` uses them.
    environment: { BUN_OPTIONS: `--reporter=junit --reporter-outfile=${report}` },
    takesFiles: true,
    files: report,
    parse: parseBunReport,
  },
  settingsFiles: ['bunfig.toml'],
  testPaths,
};

/** Reads Bun's JUnit report. A file that cannot be loaded is missing from it, so the output is read too. */
function parseBunReport(text: string, printed: string, folder: string): ParsedReport {
  const cases = [...parseJunit(text, folder), ...readUnloaded(printed, folder)];
  // Every run of Bun replaces the report, so the results of earlier runs are missing.
  const runs = printed.match(/^bun test v/gm)?.length ?? 0;
  return { cases, ...(runs > 1 && { ended: false }) };
}

/** Reads errors outside of tests. They come below the name of the file. */
function readUnloaded(printed: string, folder: string): ReportedCase[] {
  const failed = new Map<string, string[]>();
  let file: string | null = null;
  let open: string[] = [];
  for (const line of stripEscapes(printed).split('\n')) {
    const heading = /^(\S+\.[cm]?[jt]sx?):$/.exec(line)?.[1];
    if (heading) file = heading;
    // A line below the error ends it, and so does the next file.
    if (heading || (/^-{10,}$/.test(line) && open.length > 0)) open = [];
    else if (line === '# Unhandled error between tests' && file !== null) {
      open = [];
      failed.set(file, open);
    } else if (!/^-{10,}$/.test(line)) open.push(line);
  }
  return [...failed].map(([name, lines]) => {
    const message = lines.find((line) => /^(?:\w*[eE]rror|\w+Exception)\b/.test(line));
    const trace = lines.join('\n').trim();
    return testCase(relativePath(name, folder), [], 'failed', { message: message ?? trace, trace });
  });
}
