import { readFileSync } from 'node:fs';
import type { Runner, TestCommand } from './find-commands.js';
import { reportsFolder } from './find-runner-changes.js';

/** How a test command is run so that it leaves reports that a program can read, beside what it prints. */
interface ReportedCommand {
  script: string;
  env: Record<string, string>;
  /** Shell words that name the report files. */
  reports: string;
  /** Our own files that the runners load, from reporters/. */
  assets: string[];
}

const folder = `/tmp/${reportsFolder}`;

/**
 * The whole script: the tests, ended after their time, then the reports, each behind a line that nothing which is
 * printed before can know. Its exit code is that of the tests, 137 when their time was over.
 * @param files to run only these, where the runner can; others run everything
 */
export function withReports(
  test: TestCommand,
  files: readonly string[] | undefined,
  { marker, seconds }: { marker: string; seconds: number },
): { script: string; env: Record<string, string> } {
  const { script, env, reports, assets } = findReporter(test, files);
  const write = (name: string, content: string) =>
    `cat > ${folder}/${name} <<'${marker}'\n${content}\n${marker}\n`;
  const wanted = (files ?? []).map((file) => `/workspace/${file}`).join('\n');
  const lines = [
    `mkdir -p ${folder}/bin && touch ${folder}/started`,
    ...assets.map((name) => write(name, readAsset(name))),
    ...(files ? [write('files', wanted)] : []),
    ...(env.NODE_OPTIONS ? [useOwnNode] : []),
    write('tests.sh', script),
    `timeout --signal=KILL ${seconds} bash ${folder}/tests.sh`,
    'code=$?',
    `for report in ${reports}; do [ -f "$report" ] && printf '\\n%s %s\\n' ${marker} "$report" && cat "$report"; done`,
    'exit $code',
  ];
  return { script: lines.join('\n'), env };
}

/** A script that sets NODE_OPTIONS itself takes ours away: there, a `node` in front of the real one says it again. */
const useOwnNode = `if grep -qs 'NODE_OPTIONS' package.json */package.json packages/*/package.json Makefile; then
  printf '#!/bin/sh\\nexec %s --require ${folder}/preload.cjs "$@"\\n' "$(command -v node)" > ${folder}/bin/node
  chmod +x ${folder}/bin/node
  export PATH="${folder}/bin:$PATH"
fi`;

const node = {
  env: { NODE_OPTIONS: `--require ${folder}/preload.cjs` },
  assets: ['preload.cjs', 'node-test.mjs', 'mocha.cjs'],
};
const pytest = {
  env: {
    PYTHONPATH: folder,
    // What a run leaves behind must not get into the change.
    PYTHONDONTWRITEBYTECODE: '1',
    PYTEST_ADDOPTS: `-p pullwright_pytest --continue-on-collection-errors -o cache_dir=/tmp/pytest-cache`,
  },
  assets: ['pullwright_pytest.py'],
};
const unittest = {
  env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
  assets: ['pullwright_unittest.py'],
};
const minitest = {
  env: { RUBYOPT: `-r${folder}/pullwright_minitest.rb` },
  assets: ['pullwright_minitest.rb'],
};
const rspec = {
  env: {
    SPEC_OPTS: `--require ${folder}/pullwright_rspec.rb --format progress --format PullwrightRspec`,
  },
  assets: ['pullwright_rspec.rb'],
};
/** Whatever a Makefile or a script starts: who is asked by the environment, answers. */
const unknown = {
  env: { ...node.env, ...pytest.env, ...minitest.env, ...rspec.env },
  assets: [...node.assets, ...pytest.assets, ...minitest.assets, ...rspec.assets],
};

const byEnvironment: Partial<Record<Runner, { env: Record<string, string>; assets: string[] }>> = {
  'node:test': node,
  jest: node,
  vitest: node,
  mocha: node,
  pytest,
  unittest,
  minitest,
  rspec,
  command: unknown,
};

const byArguments: Partial<Record<Runner, { words: string; reports: string }>> = {
  phpunit: { words: `--log-junit ${folder}/phpunit.xml`, reports: `${folder}/phpunit.xml` },
  dotnet: { words: `--logger trx --results-directory ${folder}`, reports: `${folder}/*.trx` },
  // A module that fails must not keep the others from running.
  maven: { words: '-fae', reports: newer('*/target/*-reports/*.xml') },
  gradle: { words: '--continue', reports: newer('*/build/test-results/*.xml') },
};

function findReporter(test: TestCommand, files: readonly string[] | undefined): ReportedCommand {
  const { command, runner, takesArguments } = test;
  const reports = `${folder}/*.json ${folder}/*.jsonl`;
  const narrowed = takesArguments && files ? [command, ...files.map(quote)].join(' ') : command;
  const environment = byEnvironment[runner];
  if (runner === 'unittest') return { script: replaceUnittest(command), reports, ...unittest };
  if (environment)
    return { script: takesFiles.includes(runner) ? narrowed : command, reports, ...environment };
  const how = byArguments[runner];
  if (how)
    return {
      script: takesArguments ? `${command} ${how.words}` : command,
      env: {},
      reports: how.reports,
      assets: [],
    };
  if (runner === 'go') return { script: goScript(command, files), env: {}, reports, assets: [] };
  // libtest has no report, and prints names on one stream and the files that they are in on the other.
  const whole = command.replace(/\bcargo (?:test|t)\b/, '$& --no-fail-fast');
  return { script: `{ ${whole}\n} 2>&1`, env: {}, reports, assets: [] };
}

/** Those that are told files by words behind the command; Node's and unittest read our list. */
const takesFiles: readonly Runner[] = ['pytest', 'rspec'];

function replaceUnittest(command: string): string {
  return command
    .replace(/-m unittest\b/g, '-m pullwright_unittest')
    .replace(/(\S*python[\d.]*) (\S*manage\.py) test\b/g, '$1 -m pullwright_unittest --run $2 test');
}

function goScript(command: string, files: readonly string[] | undefined): string {
  const folders = new Set(files?.map((file) => `./${file.split('/').slice(0, -1).join('/')}`));
  const narrowed = folders.size > 0 ? command.replace('./...', [...folders].map(quote).join(' ')) : command;
  return `${narrowed.replace(/\bgo test\b/, 'go test -json')} > ${folder}/go.jsonl`;
}

/** Reports that this very run wrote, wherever its modules are. */
function newer(glob: string): string {
  return `$(find . -newer ${folder}/started -path '${glob}' -not -path '*/node_modules/*')`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function readAsset(name: string): string {
  return readFileSync(new URL(`./reporters/${name}`, import.meta.url), 'utf8');
}
