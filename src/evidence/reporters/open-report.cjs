// Opens a report for the reporters of Node's test runners. Tests can replace the file system (mock-fs, memfs,
// stubs of node:fs). For this reason, the report is opened and the functions are taken before the tests start.
'use strict';
const { spawnSync } = require('child_process');
const { fstatSync, openSync, writeSync } = require('fs');
const path = require('path');
const { createSigner } = require('./sign-report.cjs');

/**
 * @param file path of the report; the lines are added at its end
 * @returns a function that writes one value as a line of JSON, or a text as it is
 */
exports.openReport = function openReport(file) {
  const sign = createSigner(path.basename(file));
  // This process is part of a test of another runner.
  if (!sign) return () => {};
  const descriptor = openSync(file, 'a');
  const { ino } = fstatSync(descriptor);
  let waiting = Buffer.alloc(0);
  let begun = '';

  /** Writes what waits. While the file system is replaced, the lines wait for the next call. */
  function flush() {
    try {
      // mock-fs also replaces the functions below node:fs. They then know no descriptor, or another file has
      // the same number.
      if (fstatSync(descriptor).ino === ino) waiting = waiting.slice(writeSync(descriptor, waiting));
    } catch {
      // The lines are not lost: they wait for the next call, or for the end of the process.
    }
  }

  function add(text) {
    const lines = (begun + text).split('\n');
    begun = lines.pop();
    waiting = Buffer.concat([waiting, ...lines.map((line) => Buffer.from(`${sign(line)}\n`))]);
    if (waiting.length > 0) flush();
  }

  process.on('exit', () => {
    add(begun === '' ? '' : '\n');
    // The file system is still replaced. A child process has the real one.
    if (waiting.length > 0) spawnSync('/bin/sh', ['-c', 'cat >> "$0"', file], { input: waiting });
  });

  return (value) => add(typeof value === 'string' ? value : `${JSON.stringify(value)}\n`);
};
