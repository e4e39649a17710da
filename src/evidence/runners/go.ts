import { z } from 'zod';
import { hasFile } from '../../environment/repository-tree.js';
import type { TestCase } from '../evidence.js';
import { cutMiddle } from './parsers/describe-failure.js';
import { readJsonLines } from './parsers/json-lines.js';
import { type ReportedCase, testCase } from './parsers/test-case.js';
import { type ParsedReport, quoteWord, type Runner, reportsPath } from './runner.js';

const report = `${reportsPath}/go.jsonl`;

/** Commands of sed that print what `go test -json` describes, as `go test` prints it. */
const printOutput =
  '/"Action":"[a-z-]*output"/{s/^.*"Output":"\\(\\(\\\\.\\|[^"\\\\]\\)*\\)".*$/\\1/;s/\\\\n$//;s/\\\\t/\\t/g;s/\\\\"/"/g;s/\\\\u003c/</g;s/\\\\u003e/>/g;s/\\\\u0026/\\&/g;s/\\\\\\\\/\\\\/g;p;d;};/^[^{]/p';

export const go: Runner = {
  name: 'go',
  findSetup: async ({ files }) => (files.has('go.mod') ? ['go mod download'] : []),
  detect: async (tree) => (tree.files.has('go.mod') && hasFile(tree, /_test\.go$/) ? 'go test ./...' : null),
  startedBy: /\bgo test\b/,
  report: {
    through: 'command',
    // Go cannot run the tests of a single file, so the command names the folders of the files.
    rewrite: (command, files) => {
      const folders = new Set(files?.map((file) => `./${file.split('/').slice(0, -1).join('/')}`));
      const narrowed =
        folders.size > 0 ? command.replace('./...', [...folders].map(quoteWord).join(' ')) : command;
      return `${narrowed.replace(/\bgo test\b/, 'go test -json')} > ${report}`;
    },
    wrapper: {
      program: 'go',
      script: `[ "$1" = test ] || exec "$real" "$@"
shift
for word in "$@"; do
  case $word in
    -args|--args) break;;
    # These options print something other than results.
    -c|-list|-list=*|-n|-exec|-exec=*) exec "$real" test "$@";;
    -json|--json) isJson=1;;
  esac
done
set -o pipefail
if [ -n "$isJson" ]; then "$real" test "$@" | tee -a ${report}; exit; fi
"$real" test -json "$@" | tee -a ${report} | sed -n '${printOutput}'`,
    },
    files: report,
    parse: parseGoLines,
  },
  settingsFiles: [],
  testPaths: /_test\.go$|(^|\/)testdata\//i,
};

const Line = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
  /** The `ImportPath` of the package that did not compile. */
  FailedBuild: z.string().optional(),
});

const outcomes: Partial<Record<string, TestCase['outcome']>> = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
};

/**
 * Reads the output of `go test -json`. A package counts as a failed test if it does not compile or if it
 * exits before its tests finish.
 */
function parseGoLines(text: string, printed: string): ParsedReport {
  const cases: ReportedCase[] = [];
  const outputs = new Map<string, string>();
  /**
   * Packages with a failed test. Go reports both the test and its package as failed. The report about the
   * package is ignored, because it adds no information.
   */
  const explained = new Set<string>();
  let output = '';
  for (const { Action, Package, ImportPath, Test, Output = '', FailedBuild = '' } of readJsonLines(
    text,
    Line,
  )) {
    const name = Package ?? ImportPath ?? '';
    const titles = [name, ...(Test ? [Test] : [])];
    const key = titles.join(' › ');
    output += Output;
    if (/output$/.test(Action)) outputs.set(key, limit(`${outputs.get(key) ?? ''}${Output}`));
    const outcome = outcomes[Action];
    if (Test && outcome === 'failed') explained.add(name);
    if (!outcome || !(Test || (outcome === 'failed' && !explained.has(name)))) continue;
    const message = (outputs.get(FailedBuild) ?? outputs.get(key))?.replace(
      /^(?:=== RUN|\s*--- [A-Z]+:) .*\n/gm,
      '',
    );
    cases.push(testCase(null, titles, outcome, { message: message?.trim() }));
  }
  // Before Go 1.24, the JSON lines do not name a package that does not compile. Only the plain output names
  // it.
  const buildErrors = readBuildErrors(printed);
  for (const [line, name = ''] of text.matchAll(/^FAIL\t(\S+) \[(?:build|setup) failed\]/gm))
    cases.push(testCase(null, [name], 'failed', { message: buildErrors.get(name)?.join('\n') ?? line }));
  return { cases, output };
}

/**
 * Reads the errors of the compiler, which come below a line such as `# example.org/x [example.org/x.test]`.
 */
function readBuildErrors(printed: string): Map<string, string[]> {
  const errors = new Map<string, string[]>();
  let open: string[] | null = null;
  for (const line of printed.split('\n')) {
    const name = /^# (\S+)/.exec(line)?.[1];
    if (name) {
      open = [];
      errors.set(name, open);
    } else if (/^(?:FAIL|ok|\?|---)\s/.test(line)) open = null;
    else open?.push(line);
  }
  return errors;
}

const maxOutput = 8000;

/** Keeps the beginning and the end: the message of a panic comes first, and many stack frames follow it. */
function limit(text: string): string {
  return text.length > 2 * maxOutput ? cutMiddle(text, maxOutput) : text;
}
