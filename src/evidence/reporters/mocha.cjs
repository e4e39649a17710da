// Attaches to the library of Mocha, which the program of Mocha and other programs load. It writes one line per
// test to a report file. The reporter that the repository chose prints the results as always.
'use strict';
const path = require('path');
const { describeError, maxDescribed, shorten } = require('./describe-error.cjs');
const { openReport } = require('./open-report.cjs');
const { record } = require('./test-starts.cjs');

let send;
let described = 0;
let isRunning = false;

exports.attach = (Mocha) => {
  send = send || openReport(path.join(__dirname, `mocha-${process.pid}.jsonl`));
  const { run } = Mocha.prototype;
  Mocha.prototype.run = function runWithReport(...words) {
    // A worker of a parallel run sends its results to the first process. A Mocha that a test starts in its own
    // process is part of this test.
    if (!isRunning && this._reporter.name !== 'ParallelBuffered') {
      this._reporter = withReport(this._reporter);
      this.options.bail = false;
      runAll(this.suite);
    }
    return run.apply(this, words);
  };
  return Mocha;
};

/** Makes a suite run to its end although a test fails, because Pullwright needs every result. */
function runAll(suite) {
  suite.bail(false);
  for (const inner of suite.suites) runAll(inner);
}

/** Returns a reporter that is the given one, and also writes the report. */
function withReport(Printer) {
  if (Printer.isReported) return Printer;
  function Reporter(runner, options) {
    const printer = new Printer(runner, options);
    observe(runner);
    return printer;
  }
  return Object.assign(Reporter, Printer, { isReported: true });
}

function observe(runner) {
  const brokenHooks = [];
  isRunning = true;
  runner.on('test', (test) => record('start', test.file, namesOf(test)));
  runner.on('test end', (test) => record('end', test.file, namesOf(test)));
  runner.on('pass', (test) => write(test, 'passed'));
  runner.on('pending', (test) => write(test, 'skipped'));
  runner.on('fail', (test, error) => {
    if (test.type === 'hook') brokenHooks.push({ hook: test, error });
    else write(test, 'failed', failureOf(error));
  });
  runner.on('end', () => {
    isRunning = false;
    for (const { hook, error } of brokenHooks) writeHook(hook, failureOf(error));
    send({ end: true });
  });
}

/**
 * Writes the results of a failed hook:
 * (1) A pending test that the hook kept from running gets the result `skipped`.
 * (2) Any other test that the hook kept from running gets the result `failed`.
 * (3) A `before` or `beforeEach` hook that kept tests from running gets no result of its own.
 * (4) Any other failed hook gets the result `failed`.
 */
function writeHook(hook, failure) {
  const suite = hook.parent || {};
  const tests = [];
  // In a parallel run, the suite is only a description without functions.
  if (suite.eachTest) suite.eachTest((test) => tests.push(test));
  const waiting = tests.filter((test) => !test.state);
  for (const test of waiting)
    if (test.isPending()) write(test, 'skipped');
    else {
      test.state = 'failed';
      write(test, 'failed', Object.assign({}, failure, { message: `${hook.title}: ${failure.message}` }));
    }
  if (waiting.length > 0 && /^"before/.test(hook.title)) return;
  const current = (hook.ctx && hook.ctx.currentTest) || {};
  const { file } = [hook, current, suite, ...tests].find((one) => one.file) || {};
  const titles = suite.titlePath ? suite.titlePath() : [];
  const names = [...titles, hook.title.replace(/ for "[^"]*"$/, '')];
  send(Object.assign({ file: file || null, names, outcome: 'failed' }, failure));
}

function write(test, outcome, failure) {
  send(Object.assign({ file: test.file || null, names: namesOf(test), outcome }, failure));
}

function namesOf(test) {
  return test.titlePath ? test.titlePath() : [test.fullTitle()];
}

function failureOf(error) {
  described += 1;
  const message = shorten(String((error && error.message) || error));
  return described > maxDescribed ? { message } : { message, trace: describeError(error) };
}
