// NODE_OPTIONS makes Node load this file into every process of a test command. If the process is a test
// runner, this file changes the process's arguments, or attaches a reporter to the runner's library, so that
// the runner also writes a report for Pullwright. In any other process, this file does nothing. This way,
// Pullwright gets a report even if package scripts, workspaces or wrappers start the runner. The file
// programs.json in the same folder describes the runners. This file must also work in old versions of Node.
'use strict';
const fs = require('fs');
const Module = require('module');
const path = require('path');
const { spawnSync } = require('child_process');
const { isMainThread } = require('worker_threads');

const folder = __dirname;
const restarted = 'PULLWRIGHT_RESTARTED';
/** The id of the process that restarted this one. Tests can start more processes with this variable. */
const restarter = 'PULLWRIGHT_RESTARTER';
/** Functions that turn a file name into the form that a program accepts. */
const namings = {
  absolute: (file) => file,
  relative: (file) => path.relative(process.cwd(), file),
  pattern: (file) => file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
};

// The file lists the changed files, if their coverage is measured.
if (fs.existsSync(path.join(folder, 'changed'))) require('./coverage.cjs');
const recordsStarts = fs.existsSync(path.join(folder, 'record-starts'));
if (isMainThread) {
  if (recordsStarts) recordNodeTest();
  if (process.execArgv.includes('--test') || isNodeTest()) restartNodeTest();
  else if (process.argv[1]) findRunners();
}

/** Returns whether Node runs a file with tests of node:test itself, as in `node test/a.js`. */
function isNodeTest() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const knowsReporters = major > 18 || (major === 18 && minor >= 15);
  if (!knowsReporters || process.env.NODE_TEST_CONTEXT || !process.argv[1]) return false;
  const main = realPath(process.argv[1]);
  if (/[/\\]node_modules[/\\]/.test(main) || !/\.[cm]?[jt]s$/.test(main) || !fs.existsSync(main))
    return false;
  return /(?:require\(|from|import\(?)\s*['"]node:test['"]/.test(fs.readFileSync(main, 'utf8'));
}

/**
 * Starts node:test again with Pullwright's reporter. A restart is necessary, because reporters are options of
 * the Node process itself.
 */
function restartNodeTest() {
  if (process.env[restarted] === 'node:test') {
    const isDirect = process.env[restarter] === String(process.ppid);
    if (!isDirect) return;
    if (!process.execArgv.includes('--test')) require('./node-run.cjs').observeRun();
    else if (!process.execArgv.some((word) => /isolation=none$/.test(word)))
      require('./sign-report.cjs').askForKey('runner');
    return;
  }
  const count = (option) => process.execArgv.filter((word) => option.test(word)).length;
  const own = count(/^--test-reporter(=|$)/);
  const placed = count(/^--test-reporter-destination(=|$)/);
  // If there are several reporters, Node requires a destination for each of them.
  const missing =
    own === 0
      ? ['--test-reporter=spec', '--test-reporter-destination=stdout']
      : own > placed
        ? ['--test-reporter-destination=stdout']
        : [];
  // The reporter prints nothing. Its destination is a file, because newer versions of Node write it to disk at
  // the end, and a device such as /dev/null does not allow that.
  const reporter = [
    `--test-reporter=${folder}/node-test.mjs`,
    `--test-reporter-destination=${folder}/node-test.txt`,
  ];
  const files = process.execArgv.includes('--test') ? wantedFiles() : [];
  const result = spawnSync(
    process.execPath,
    [
      ...withoutWatch(process.execArgv),
      ...missing,
      ...reporter,
      ...(recordsStarts && knowsConcurrency() ? ['--test-concurrency=1'] : []),
      ...(files.length > 0 ? files : process.argv.slice(1)),
    ],
    {
      stdio: 'inherit',
      env: Object.assign({}, process.env, { [restarted]: 'node:test', [restarter]: String(process.pid) }),
    },
  );
  if (result.signal) process.kill(process.pid, result.signal);
  process.exit(result.status === null ? 1 : result.status);
}

/** Files that run at the same time cannot be told apart. */
function knowsConcurrency() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 10) || (major === 18 && minor >= 19);
}

/** Records the starts of tests, if the main file of this process is one of the requested test files. */
function recordNodeTest() {
  const main = process.argv[1] && realPath(process.argv[1]);
  if (main && wantedFiles('').includes(main)) require('./test-starts.cjs').observeNodeTest(main);
}

function withoutWatch(words) {
  return words.filter((word, at) => {
    const isWatch = /^--watch/.test(word) || words[at - 1] === '--watch-path';
    if (word === '--watch') remark(word);
    return !isWatch;
  });
}

/**
 * Asks the runner that this process starts with, and every runner that it loads later. Wrappers such as nyc
 * load the script of the runner into their own process, and build tools load its library.
 */
function findRunners() {
  const {
    programs,
    libraries,
    edits = [],
  } = JSON.parse(fs.readFileSync(path.join(folder, 'programs.json'), 'utf8'));
  const find = (list, file) => list.find(({ script }) => new RegExp(script).test(file));
  const ask = (file) => {
    const program = find(programs, file);
    if (program) askProgram(program);
  };
  const main = realPath(process.argv[1]);
  ask(main);
  const edited = edits.filter(({ ofPackage }) => isInstalled(ofPackage));
  if (edited.length > 0) require(path.join(folder, 'edit-modules.cjs')).editModules(edited);
  const known = new RegExp([...programs, ...libraries].map(({ script }) => script).join('|'));
  const { load } = Module.prototype;
  Module.prototype.load = function loadRunner(file, ...words) {
    if (!known.test(file)) return load.call(this, file, ...words);
    if (file !== main) ask(file);
    const result = load.call(this, file, ...words);
    const library = find(libraries, file);
    if (library) this.exports = attach(library.attaches, this.exports);
    return result;
  };
}

function isInstalled(name) {
  for (let place = process.cwd(); ; place = path.dirname(place)) {
    if (fs.existsSync(path.join(place, 'node_modules', name))) return true;
    if (place === path.dirname(place)) return false;
  }
}

/** @param reporter name of the file that attaches a reporter */
function attach(reporter, library) {
  try {
    return require(path.join(folder, reporter)).attach(library, { wantedFiles });
  } catch (error) {
    // The tests must run even if the library has another form than the reporter expects.
    console.error(`Pullwright cannot observe this test runner (${reporter}): ${error.message}`);
    return library;
  }
}

function askProgram(program) {
  const { removes, watches, printer, attaches, files, isSeparate } = program;
  const asked = [...program.arguments, ...((recordsStarts && program.startsArguments) || [])];
  const asking = asked.map((word) => word.replace('{pid}', process.pid));
  if (asking.length > 0) require('./sign-files.cjs').signFiles();
  // No test has started yet, so no test can be faster.
  if (isSeparate) require('./sign-report.cjs').askForKey('runner');
  if (attaches) attach(attaches, null);
  // A program can start itself again with the arguments that this function has added. They contain the id of
  // its first process.
  const isAsked = (word) => process.argv.some((given) => given.startsWith(word.split('{pid}')[0]));
  if (asking.length > 0 && program.arguments.every(isAsked)) return;
  const wanted = files ? narrow(namings[files.as]) : [];
  if (wanted.length > 0 && files.at === 'end') process.argv.push(...wanted);
  const prints = printer && process.argv.some((word) => new RegExp(printer.unless).test(word));
  if (removes) removeWords(new RegExp(removes));
  if (watches) removeWords(new RegExp(watches)).forEach(remark);
  // The added arguments come first, because they would have another meaning after `--` or after an option
  // with several values.
  const added = [...(printer && !prints ? printer.arguments : []), ...asking];
  process.argv.splice(2, 0, ...added, ...(files && files.at === 'front' ? wanted : []));
}

/**
 * Returns the requested test files, in the form that the program accepts. If any test files are requested,
 * this function removes the test files that the command names from the arguments of this process. The
 * requested test files replace the removed ones.
 */
function narrow(nameFile) {
  const files = wantedFiles();
  if (files.length === 0) return [];
  for (let at = process.argv.length - 1; at > 1; at -= 1) {
    const [before, word] = [process.argv[at - 1], process.argv[at]];
    const isPlace = !word.startsWith('-') && (word.includes('*') || fs.existsSync(word));
    // A word after an option may be the value of that option, so this loop does not remove it. If the word is
    // a test file after all, the only effect is that more tests run.
    if (isPlace && (at === 2 || !before.startsWith('-') || before.includes('='))) process.argv.splice(at, 1);
  }
  return files.map(nameFile);
}

/**
 * Returns the requested test files that are in this folder. If there are none, all tests run.
 * @param place an absolute path; the working directory of this process if undefined
 */
function wantedFiles(place = process.cwd()) {
  const list = `${folder}/files`;
  if (!fs.existsSync(list)) return [];
  return fs
    .readFileSync(list, 'utf8')
    .split('\n')
    .filter((file) => file.startsWith(`${place}${path.sep}`) && fs.existsSync(file));
}

/**
 * Removes the arguments that match the pattern. A word without dashes counts only as the first argument,
 * where it is the name of a command.
 * @returns the removed arguments
 */
function removeWords(pattern) {
  const removed = [];
  for (let at = process.argv.length - 1; at > 1; at -= 1) {
    const word = process.argv[at];
    if (pattern.test(word) && (word.startsWith('-') || at === 2)) removed.push(...process.argv.splice(at, 1));
  }
  return removed;
}

/** Records that an option was left out. Watching must end, so that the results can be read. */
function remark(word) {
  if (!/=false$/.test(word)) fs.appendFileSync(`${folder}/watch`, `${word}\n`);
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    // The script does not exist. Node will report this error itself.
    return file;
  }
}
