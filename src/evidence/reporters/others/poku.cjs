// Attaches to the process of Poku, which starts a process for each test file. It reads what these print.
'use strict';
const childProcess = require('child_process');
const fs = require('fs');
const path = require('path');
const { syncBuiltinESMExports } = require('module');
const { openCases } = require('./open-cases.cjs');

const unloaded =
  /^(?:SyntaxError|(?:Type)?Error(?: \[ERR_\w+\])?: Cannot find (?:module|package)|.*\[ERR_UNKNOWN_FILE_EXTENSION\])/m;
const colors = /\u001b\[[\d;]*m/g;

const maxPrinted = 10_000_000;

exports.attach = () => {
  const { write, end } = openCases('poku');
  const { spawn } = childProcess;
  childProcess.spawn = function spawnAndRead(program, words, ...more) {
    const child = spawn.call(this, program, words, ...more);
    const file = Array.isArray(words) ? findTestFile(words) : undefined;
    if (file && child.stdout && child.stderr) {
      let printed = '';
      const read = (text) => {
        if (printed.length < maxPrinted) printed += text;
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('close', (code) => writeFile(write, file, printed, code === 0));
    }
    return child;
  };
  syncBuiltinESMExports();
  process.on('exit', end);
};

function findTestFile(words) {
  return words
    .map((word) => path.resolve(word))
    .find((file) => !file.includes('/node_modules/') && fs.existsSync(file) && fs.statSync(file).isFile());
}

/** A file passes if its process does. The tests in it are those for which it prints a line. */
function writeFile(write, file, printed, isPassed) {
  const tests = readTests(printed);
  for (const { names, outcome } of tests)
    write(file, names, outcome, outcome === 'failed' && textOf(printed));
  const isKnown = tests.some(({ outcome }) => outcome === 'failed');
  if (isPassed && tests.length === 0) write(file, ['exits with 0'], 'passed');
  if (isPassed || isKnown) return;
  const names = tests.length === 0 && unloaded.test(printed.replace(colors, '')) ? [] : ['exits with 0'];
  write(file, names, 'failed', textOf(printed));
}

function textOf(printed) {
  return printed.replace(colors, '').trim().slice(-4000);
}

/** Reads the lines `◌ title`, with which a test begins, and `● title › 1.5ms`, with which it ends. */
function readTests(printed) {
  const tests = [];
  const open = [];
  for (const line of printed.split('\n')) {
    const [, mark, rest = ''] = /^\s*([◌●◯]) (.*)$/.exec(line.replace(colors, '')) || [];
    const [, title] = /^(.*) › [\d.]+ms$/.exec(rest) || [];
    if (mark === '◌') open.push({ title: rest, hasTests: false });
    else if (mark === '◯' || (mark === '●' && title === undefined))
      tests.push({ names: [...open.map((one) => one.title), rest], outcome: 'skipped' });
    else if (mark === '●') {
      const { hasTests = false } = open.pop() || {};
      const names = [...open.map((one) => one.title), title];
      for (const one of open) one.hasTests = true;
      // Failed lines are red.
      const outcome = /\u001b\[(?:91|31)m/.test(line) ? 'failed' : 'passed';
      if (!hasTests) tests.push({ names, outcome });
    }
  }
  return tests;
}
