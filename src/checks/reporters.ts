import type { Runner, TestCommand } from './find-commands.js';

/** How a test command is run so that it leaves a report that a program can read, beside what it prints. */
export interface ReportedCommand {
  script: string;
  env: Record<string, string>;
  /** Shell words that name the report files; null: the output itself is read. */
  reports: string | null;
}

const folder = '/tmp/pullwright-reports';

/** Appends a line per finished test, from every process that runs any; the runner's own reporter goes on printing. */
const nodeReporter = `
import { appendFileSync } from 'node:fs';
export default async function* report(source) {
  const open = new Map();
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      const names = open.get(data.file) ?? [];
      names.length = data.nesting;
      names[data.nesting] = data.name;
      open.set(data.file, names);
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const names = (open.get(data.file) ?? []).slice(0, data.nesting);
    const { skip, todo, file, name, details } = data;
    const error = details?.error;
    const cause = error?.cause ?? error;
    appendFileSync('${folder}/node.jsonl', JSON.stringify({
      file, names: [...names, name], suite: details?.type === 'suite', failed: type === 'test:fail',
      skip: skip !== undefined || todo !== undefined, message: error ? String(cause?.message ?? cause) : undefined,
    }) + '\\n');
  }
  yield '';
}
`;

/** @param files to run only these, where the runner can; others run everything */
export function withReports(test: TestCommand, files: readonly string[] | undefined): ReportedCommand {
  const plain = { script: test.command, env: {}, reports: null };
  if (test.runner === 'node:test') return reportNodeTest(test, files);
  if (test.runner === 'pytest') return reportPytest(test, files);
  if (test.runner === 'go')
    return { ...plain, script: goCommand(test.command, files), reports: `${folder}/go.jsonl` };
  if (test.runner === 'cargo') return plain;
  const how = byArguments[test.runner];
  if (!how || !test.takesArguments) return plain;
  const words = [...how.words, ...(how.takesFiles ? (files ?? []).map(quote) : [])];
  return { script: append(test.command, words), env: {}, reports: how.reports };
}

const byArguments: Partial<Record<Runner, { words: string[]; reports: string; takesFiles: boolean }>> = {
  jest: {
    words: ['--json', `--outputFile=${folder}/report.json`],
    reports: `${folder}/report.json`,
    takesFiles: true,
  },
  vitest: {
    words: ['--reporter=default', '--reporter=json', `--outputFile.json=${folder}/report.json`],
    reports: `${folder}/report.json`,
    takesFiles: true,
  },
  mocha: {
    words: ['--reporter', 'json', '--reporter-option', `output=${folder}/report.json`],
    reports: `${folder}/report.json`,
    takesFiles: false,
  },
  rspec: {
    words: ['--format', 'progress', '--format', 'json', '--out', `${folder}/report.json`],
    reports: `${folder}/report.json`,
    takesFiles: true,
  },
  phpunit: {
    words: ['--log-junit', `${folder}/report.xml`],
    reports: `${folder}/report.xml`,
    takesFiles: false,
  },
  dotnet: {
    words: ['--logger', 'trx', '--results-directory', folder],
    reports: `${folder}/*.trx`,
    takesFiles: false,
  },
  maven: { words: [], reports: newer('*/target/surefire-reports/*.xml'), takesFiles: false },
  gradle: { words: [], reports: newer('*/build/test-results/*.xml'), takesFiles: false },
};

/** Reports that this very run wrote, wherever its modules are. */
function newer(glob: string): string {
  return `$(find . -newer ${folder}/started -path '${glob}' -not -path '*/node_modules/*')`;
}

function reportNodeTest(test: TestCommand, files: readonly string[] | undefined): ReportedCommand {
  const options = `--test-reporter=spec --test-reporter-destination=stdout --test-reporter=${folder}/reporter.mjs --test-reporter-destination=/dev/null`;
  const prepare = `cat > ${folder}/reporter.mjs <<'REPORTER'\n${nodeReporter}\nREPORTER\n`;
  const command = test.takesArguments && files ? append(test.command, files.map(quote)) : test.command;
  return {
    // Beside what is set already; a script that names a reporter of its own would not go together with two more.
    script: `${prepare}export NODE_OPTIONS="\${NODE_OPTIONS:-} ${options}"\n${command}`,
    env: {},
    reports: `${folder}/node.jsonl`,
  };
}

function reportPytest(test: TestCommand, files: readonly string[] | undefined): ReportedCommand {
  return {
    script: test.takesArguments && files ? append(test.command, files.map(quote)) : test.command,
    // Of the two JUnit dialects the one that names files.
    env: { PYTEST_ADDOPTS: `--junitxml=${folder}/report.xml -o junit_family=xunit1 -p no:cacheprovider` },
    reports: `${folder}/report.xml`,
  };
}

function goCommand(command: string, files: readonly string[] | undefined): string {
  const packages = files && [
    ...new Set(files.map((file) => quote(`./${file.split('/').slice(0, -1).join('/')}`))),
  ];
  const narrowed = packages ? command.replace('./...', packages.join(' ')) : command;
  return `${narrowed.replace(/\bgo test\b/, 'go test -json')} > ${folder}/go.jsonl\ncode=$?\ngrep -o '"Output":".*"' ${folder}/go.jsonl | tail -200 | cut -c11- | sed 's/\\\\n"$//;s/"$//'\n(exit $code)`;
}

/** npm passes on what stands behind `--`; the others pass everything on. */
function append(command: string, words: readonly string[]): string {
  if (words.length === 0) return command;
  const separator = /^npm\s/.test(command.trim()) && !/\s--(\s|$)/.test(command) ? ' -- ' : ' ';
  return `${command}${separator}${words.join(' ')}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The whole script: the tests, then the reports behind a marker that nothing which is printed before can know.
 * Its exit code is that of the tests.
 */
export function wrapScript({ script, reports }: ReportedCommand, marker: string): string {
  const collect = reports
    ? `for report in ${reports}; do [ -f "$report" ] && { cat "$report"; printf '\\n%s\\n' "${marker}"; }; done`
    : '';
  return `mkdir -p ${folder} && touch ${folder}/started\n(\n${script}\n)\ncode=$?\nprintf '\\n%s\\n' "${marker}"\n${collect}\nexit $code`;
}
