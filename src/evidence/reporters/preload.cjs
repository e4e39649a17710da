// Loaded into every Node process of a test command (NODE_OPTIONS). Where the process is a test runner's own, it is asked
// for results that a program can read, beside what it prints; in every other process this does nothing. So a runner is
// found behind any number of package scripts, workspaces and wrappers, and the repository's command stays what it is.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { isMainThread } = require('node:worker_threads');

const folder = __dirname;
const asked = 'PULLWRIGHT_ASKED';

if (isMainThread) {
  if (process.execArgv.includes('--test')) askNodeTest();
  else if (process.argv[1]) askRunner();
}

/** Node's reporters are options of the process, so it is started once more with one added. */
function askNodeTest() {
  if (process.env[asked] === 'node:test') return;
  const own = process.execArgv.filter((word) => /^--test-reporter(=|$)/.test(word)).length;
  const placed = process.execArgv.filter((word) => /^--test-reporter-destination(=|$)/.test(word)).length;
  // Node wants a place for each reporter as soon as there are two.
  const missing =
    own === 0
      ? ['--test-reporter=spec', '--test-reporter-destination=stdout']
      : own > placed
        ? ['--test-reporter-destination=stdout']
        : [];
  const reporter = [`--test-reporter=${folder}/node-test.mjs`, '--test-reporter-destination=/dev/null'];
  const files = wantedFiles();
  const result = spawnSync(
    process.execPath,
    [...process.execArgv, ...missing, ...reporter, ...(files.length > 0 ? files : process.argv.slice(1))],
    { stdio: 'inherit', env: { ...process.env, [asked]: 'node:test' } },
  );
  if (result.signal) process.kill(process.pid, result.signal);
  process.exit(result.status ?? 1);
}

function askRunner() {
  const script = realPath(process.argv[1]);
  const report = (name) => `${folder}/${name}-${process.pid}.json`;
  if (/\/jest(-cli)?\/bin\/jest\.js$|\/react-scripts\/scripts\/test\.js$/.test(script)) {
    const patterns = narrow((file) => file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    takeFlag(/^(--bail|-b)(=|$)/);
    // Not behind the others: an option that takes several words would take these.
    add('--json', `--outputFile=${report('jest')}`, '--bail=0', ...patterns);
  } else if (/\/vitest\/(vitest\.mjs|dist\/cli\.js)$/.test(script)) {
    process.argv.push(...narrow((file) => path.relative(process.cwd(), file)));
    const own = process.argv.some((word) => word.startsWith('--reporter'));
    takeFlag(/^--bail=/);
    add(...(own ? [] : ['--reporter=default']), '--reporter=json', `--outputFile.json=${report('vitest')}`);
  } else if (/\/mocha\/(bin\/_?mocha(\.js)?|lib\/cli\/cli\.js)$/.test(script)) {
    if (process.argv.includes(`--reporter=${folder}/mocha.cjs`)) return;
    const files = narrow((file) => file);
    const printer = takeOption(['--reporter', '-R']);
    if (printer) process.env.PULLWRIGHT_MOCHA_PRINTER = printer;
    // All results are wanted, not the first bad one.
    takeFlag(/^(--bail|-b)$/);
    add(`--reporter=${folder}/mocha.cjs`, ...files);
  } else if (/\/borp\/borp\.js$/.test(script)) {
    process.argv.push(...narrow((file) => path.relative(process.cwd(), file)));
    const own = process.argv.some((word) => /^(--reporter|-r)/.test(word));
    add(...(own ? [] : ['--reporter=spec']), `--reporter=${folder}/node-test.mjs`);
  }
}

/** In front of everything: behind `--`, or behind an option that takes several words, they would mean something else. */
function add(...words) {
  process.argv.splice(2, 0, ...words);
}

/** Takes away which files the command names, where others are wanted. */
function narrow(convert) {
  const files = wantedFiles();
  if (files.length === 0) return [];
  for (let at = process.argv.length - 1; at > 1; at -= 1) {
    const [before, word] = [process.argv[at - 1], process.argv[at]];
    const place = !word.startsWith('-') && (word.includes('*') || fs.existsSync(word));
    // Behind an option it may be the option's value. What stays only makes more tests run.
    if (place && (at === 2 || !before.startsWith('-') || before.includes('='))) process.argv.splice(at, 1);
  }
  return files.map(convert);
}

/** The files to be run, of those in this process's part of the repository; none: all. */
function wantedFiles() {
  const list = `${folder}/files`;
  if (!fs.existsSync(list)) return [];
  const inside = `${process.cwd()}${path.sep}`;
  return fs
    .readFileSync(list, 'utf8')
    .split('\n')
    .filter((file) => file.startsWith(inside) && fs.existsSync(file));
}

function takeOption(names) {
  let value = null;
  for (let at = process.argv.length - 1; at > 1; at -= 1) {
    const [name, inline] = process.argv[at].split(/=(.*)/s);
    if (!names.includes(name)) continue;
    value ??= inline ?? process.argv[at + 1];
    process.argv.splice(at, inline === undefined ? 2 : 1);
  }
  return value;
}

function takeFlag(pattern) {
  for (let at = process.argv.length - 1; at > 1; at -= 1)
    if (pattern.test(process.argv[at])) process.argv.splice(at, 1);
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    // Node itself says it, in its own words, when the script is not there.
    return file;
  }
}
