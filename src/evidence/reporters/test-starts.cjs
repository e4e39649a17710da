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

function record(type, names) {
  if (!isWanted) return;
  send = send || openReport(path.join(__dirname, `starts-${process.pid}.jsonl`));
  send({ type, at: nextMillisecond(), names });
}

/** Waits for the next millisecond. Whatever happened before has then an earlier time. */
function nextMillisecond() {
  const before = now();
  while (now() === before);
  return now();
}

exports.isWanted = isWanted;

/** @param names the names of the test's suites and of the test, such as ['orders', 'lists orders'] */
exports.startTest = (names) => record('start', names);
exports.endTest = (names) => record('end', names);

/** Observes the tests of node:test in this process, if its main file is one of the requested test files. */
exports.observeNodeTest = (isRequested) => {
  if (!isWanted || !process.argv[1] || !isRequested(fs.realpathSync(process.argv[1]))) return;
  const { afterEach, beforeEach } = require('node:test');
  const namesOf = (context) => (context.fullName || context.name).split(' > ');
  // The hooks of a file run after these ones.
  beforeEach((context) => exports.startTest(namesOf(context)));
  afterEach((context) => exports.endTest(namesOf(context)));
};
