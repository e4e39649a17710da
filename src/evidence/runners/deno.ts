import { hasFile, type RepositoryTree } from '../../environment/repository-tree.js';
import { type ReportedCase, relativePath, testCase } from './parsers/test-case.js';
import { childNodes, parseXml, readFailure, type XmlNode } from './parsers/xml.js';
import { quoteWord, type Runner, reportsPath } from './runner.js';

const report = `${reportsPath}/deno.xml`;
const testPaths = /(^|\/)([^/]*[._])?test\.(ts|tsx|mts|js|mjs|jsx)$/;
const startedBy = /\bdeno test\b/;
/** Installs Deno from the npm registry if it is not installed. */
const installDeno =
  'command -v deno >/dev/null || npm install --global --prefix "$HOME/.local" --no-audit --no-fund deno';

export const deno: Runner = {
  name: 'deno',
  // Tests run without network access, so the setup downloads each module that a test imports.
  findSetup: async (tree) =>
    isDeno(tree) ? [installDeno, `deno test --no-run --quiet${withoutNewLockfile(tree)}`] : [],
  detect: async (tree) => {
    if (!isDeno(tree) || !hasFile(tree, testPaths)) return null;
    const task = await readTestTask(tree);
    if (task === null) return `deno test --allow-all${withoutNewLockfile(tree)}`;
    return /^deno test\b[^|;&\n]*$/.test(task) ? task : 'deno task test';
  },
  startedBy,
  report: {
    through: 'command',
    // `deno task` passes added arguments to the last command of a task, which can be the wrong one. Arguments
    // are therefore added only to a command that calls `deno test` itself.
    rewrite: (command, files = []) =>
      startedBy.test(command)
        ? [command.replace(startedBy, `$& --junit-path=${report}`), ...files.map(quoteWord)].join(' ')
        : command,
    files: report,
    parse: (text, _printed, folder) => ({ cases: parseDenoReport(text, folder) }),
  },
  settingsFiles: ['deno.json', 'deno.jsonc'],
  testPaths,
};

function isDeno({ files }: RepositoryTree): boolean {
  return files.has('deno.json') || files.has('deno.jsonc');
}

/**
 * Returns the option that keeps Deno from creating a lockfile; '' if the repository has a lockfile. A new
 * lockfile would become part of the change.
 */
function withoutNewLockfile({ files }: RepositoryTree): string {
  return files.has('deno.lock') ? '' : ' --no-lock';
}

/**
 * Reads the text of the task `test`. deno.json and deno.jsonc can contain comments, so a JSON parser cannot
 * read them.
 * @returns null if there is no such task
 */
async function readTestTask({ readFile }: RepositoryTree): Promise<string | null> {
  const text = (await readFile('deno.json')) ?? (await readFile('deno.jsonc')) ?? '';
  const task = /"tasks"\s*:\s*\{[^}]*?"test"\s*:\s*("(?:[^"\\\n]|\\.)*")/.exec(text)?.[1];
  return task ? String(JSON.parse(task)) : null;
}

/**
 * Reads Deno's JUnit report. The class name of a test is its file. The name of a test step contains the names
 * of its parents. A file that cannot be loaded is missing from the report. In that case, only the exit code
 * shows the failure.
 */
function parseDenoReport(text: string, folder: string): ReportedCase[] {
  const { testsuites } = parseXml(text) as { testsuites?: XmlNode };
  return childNodes(testsuites?.testsuite)
    .flatMap(({ testcase }) => childNodes(testcase))
    .map((one) => {
      const place = String(one['@classname'] ?? '');
      // If a library registers the test, the class name is the library's URL and not a file.
      const file = place.startsWith('./') ? relativePath(place, folder) : null;
      const outcome = one.failure !== undefined ? 'failed' : one.skipped !== undefined ? 'skipped' : 'passed';
      return testCase(file, String(one['@name'] ?? '').split(' > '), outcome, readFailure(one.failure));
    });
}
