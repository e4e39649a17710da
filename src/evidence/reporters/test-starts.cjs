// Records when each test starts and ends, in the process that runs it. The times allow Pullwright to find out
// which test made a database run a statement. Nothing is recorded unless the file `record-starts` exists.
'use strict';
const fs = require('fs');
const path = require('path');
const { openReport } = require('./open-report.cjs');

// Tests can replace the clock.
const { now } = Date;
const isWanted = fs.existsSync(path.join(__dirname, 'record-starts'));
let send;

exports.isWanted = isWanted;

/**
 * @param type `start`, `end`, or `concurrent` for a test that can run at the same time as others; `load` and
 * `exit` for the process of a file
 * @param file the absolute path of the test file
 * @param names the names of the test's suites and of the test, such as ['orders', 'lists orders']
 */
exports.record = (type, file, names) => {
  if (!isWanted) return;
  send = send || openReport(path.join(__dirname, `starts-${process.pid}.jsonl`));
  send({ type, at: nextMillisecond(), file, names });
};

/** Waits for the next millisecond. Whatever happened before has then an earlier time. */
function nextMillisecond() {
  const before = now();
  // The clock stands still if something below JavaScript has replaced it.
  for (let rounds = 0; now() === before && rounds < 1_000_000; rounds += 1);
  return now();
}

/**
 * Observes the tests of node:test in this process.
 * @param file the main file of the process, which is one of the requested test files
 */
exports.observeNodeTest = (file) => {
  if (!isWanted) return;
  // The process of the runner has the first file as its main file, and usually runs no test itself.
  if (!process.execArgv.includes('--test')) {
    exports.record('load', file, []);
    process.once('exit', () => exports.record('exit', file, []));
  }
  const { afterEach, beforeEach } = require('node:test');
  const record = (type) => (context) =>
    exports.record(type, file, (context.fullName || context.name).split(' > '));
  // The hooks of a file run after these ones.
  beforeEach(record('start'));
  afterEach(record('end'));
};
