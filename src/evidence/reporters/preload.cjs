// Node loads this into every process of a test command (NODE_OPTIONS). If the process is a test runner, this
// changes its arguments so that it also writes a report for programs to read. Any other process is left
// alone. That way a runner is found behind any number of package scripts, workspaces and wrappers. The file
// programs.json, in the same folder, tells how to recognize each runner and which arguments to add.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { isMainThread } = require('node:worker_threads');

const folder = __dirname;
const restarted = 'PULLWRIGHT_RESTARTED';
/** Forms of a file name that programs accept. */
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
 * The reporters of `node --test` are options of the process itself, so a new process is started with ours
 * added.
 */
function restartNodeTest() {
  if (process.env[restarted] === 'node:test') return;
  const own = process.execArgv.filter((word) => /^--test-reporter(=|$)/.test(word)).length;
  const placed = process.execArgv.filter((word) => /^--test-reporter-destination(=|$)/.test(word)).length;
  // Node requires a destination for each of several reporters.
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
  // Mocha restarts itself to apply Node options, and splits `--option=value` into two words when it does.
  const given = process.argv.join('=');
  if (asking.every((word) => given.includes(word))) return;
  const wanted = narrow(namings[files.as]);
  if (files.at === 'end') process.argv.push(...wanted);
  const prints = printer && process.argv.some((word) => new RegExp(printer.unless).test(word));
  const replaced = replaces && takeOption(replaces.options);
  if (replaced) process.env[replaces.variable] = replaced;
  if (removes) removeFlags(new RegExp(removes));
  // They go first: after `--`, or after an option that takes several values, they would mean something else.
  const added = [...(printer && !prints ? printer.arguments : []), ...asking];
  process.argv.splice(2, 0, ...added, ...(files.at === 'front' ? wanted : []));
}

/** Removes the files that the command names, if other files are wanted. */
function narrow(nameFile) {
  const files = wantedFiles();
  if (files.length === 0) return [];
  for (let at = process.argv.length - 1; at > 1; at -= 1) {
    const [before, word] = [process.argv[at - 1], process.argv[at]];
    const isPlace = !word.startsWith('-') && (word.includes('*') || fs.existsSync(word));
    // After an option, the word may be that option's value. Keeping a file too many only runs more tests.
    if (isPlace && (at === 2 || !before.startsWith('-') || before.includes('='))) process.argv.splice(at, 1);
  }
  return files.map(nameFile);
}

/** The wanted test files below this process's working directory. An empty list means all files. */
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
    // Node reports a missing script itself.
    return file;
  }
}
