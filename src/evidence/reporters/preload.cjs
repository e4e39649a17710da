// NODE_OPTIONS makes Node load this file into every process of a test command. If the process is a test
// runner, this file changes the process's arguments so that the runner also writes a report for Pullwright.
// In any other process, this file does nothing. This way, Pullwright gets a report even if package scripts,
// workspaces or wrappers start the runner. The file programs.json in the same folder describes how to
// recognize each runner and which arguments to add.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { isMainThread } = require('node:worker_threads');

const folder = __dirname;
const restarted = 'PULLWRIGHT_RESTARTED';
/** Functions that turn a file name into the form that a program accepts. */
const namings = {
  absolute: (file) => file,
  relative: (file) => path.relative(process.cwd(), file),
  pattern: (file) => file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
};

if (isMainThread) {
  if (process.execArgv.includes('--test')) restartNodeTest();
  else if (process.argv[1]) askProgram();
}

/**
 * Starts `node --test` again with Pullwright's reporter. A restart is necessary, because reporters are
 * options of the Node process itself.
 */
function restartNodeTest() {
  if (process.env[restarted] === 'node:test') return;
  const own = process.execArgv.filter((word) => /^--test-reporter(=|$)/.test(word)).length;
  const placed = process.execArgv.filter((word) => /^--test-reporter-destination(=|$)/.test(word)).length;
  // If there are several reporters, Node requires a destination for each of them.
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
    { stdio: 'inherit', env: { ...process.env, [restarted]: 'node:test' } },
  );
  if (result.signal) process.kill(process.pid, result.signal);
  process.exit(result.status ?? 1);
}

function askProgram() {
  const script = realPath(process.argv[1]);
  const programs = JSON.parse(fs.readFileSync(path.join(folder, 'programs.json'), 'utf8'));
  const program = programs.find((one) => new RegExp(one.script).test(script));
  if (!program) return;
  const { removes, printer, replaces, files } = program;
  const asking = program.arguments.map((word) => word.replace('{pid}', process.pid));
  // Mocha restarts itself to apply Node options. In the arguments of the restarted process, `--option=value`
  // is split into two words. Joining all words with `=` makes the option recognizable again.
  const given = process.argv.join('=');
  if (asking.every((word) => given.includes(word))) return;
  const wanted = narrow(namings[files.as]);
  if (files.at === 'end') process.argv.push(...wanted);
  const prints = printer && process.argv.some((word) => new RegExp(printer.unless).test(word));
  const replaced = replaces && takeOption(replaces.options);
  if (replaced) process.env[replaces.variable] = replaced;
  if (removes) removeFlags(new RegExp(removes));
  // The added arguments come first, because they would have another meaning after `--` or after an option
  // with several values.
  const added = [...(printer && !prints ? printer.arguments : []), ...asking];
  process.argv.splice(2, 0, ...added, ...(files.at === 'front' ? wanted : []));
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
 * Returns the requested test files that are in this process's working directory. If there are none, all tests
 * run.
 */
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

function removeFlags(pattern) {
  for (let at = process.argv.length - 1; at > 1; at -= 1)
    if (pattern.test(process.argv[at])) process.argv.splice(at, 1);
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    // The script does not exist. Node will report this error itself.
    return file;
  }
}
