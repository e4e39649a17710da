// Reads the messages that AVA's workers send to its first process, and writes one line per test to a report
// file. AVA prints its results as always.
'use strict';
const path = require('path');
const { ChildProcess } = require('child_process');
const { syncBuiltinESMExports } = require('module');
const threads = require('worker_threads');
const { maxDescribed, shorten } = require('./describe-error.cjs');
const { openReport } = require('./open-report.cjs');

let send;
let described = 0;
/** The test file of each worker, and the titles of its tests that have no result yet. */
const workers = new WeakMap();

exports.attach = () => {
  if (send) return;
  const { Worker } = threads;
  send = openReport(path.join(__dirname, `ava-${process.pid}.jsonl`));
  for (const { prototype } of [ChildProcess, Worker]) {
    const { emit } = prototype;
    prototype.emit = function emitAndRead(name, message, ...words) {
      if (name === 'message' && message && message.ava) readMessage(this, message.ava);
      if (name === 'exit') writeUnfinished(this);
      return emit.call(this, name, message, ...words);
    };
  }
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, options);
      const { workerData } = options || {};
      if (workerData && workerData.options) start(this, workerData.options);
    }
  };
  // AVA imports the class by its name.
  syncBuiltinESMExports();
  process.on('exit', () => send({ end: true }));
};

function readMessage(worker, message) {
  if (message.type === 'ready-for-options' && worker.send) {
    // Each child process has a function of its own.
    const { send: answer } = worker;
    worker.send = function sendAndRead(words, ...more) {
      if (words && words.ava && words.ava.type === 'options') start(worker, words.ava.options);
      return answer.call(this, words, ...more);
    };
  }
  const { file = null, waiting = new Set() } = workers.get(worker) || {};
  const { type, title, err } = message;
  const isOver = type === 'test-passed' || type === 'test-failed';
  if (isOver) waiting.delete(title);
  if (type === 'selected-test')
    if (message.skip || message.todo) send({ file, names: [title], outcome: 'skipped' });
    else waiting.add(title);
  else if (type === 'test-passed') send({ file, names: [title], outcome: 'passed' });
  else if (type === 'test-failed' || type === 'hook-failed') write(file, [title], err);
  else if (type === 'uncaught-exception' || type === 'unhandled-rejection') write(file, [], err);
}

function start(worker, { file }) {
  workers.set(worker, { file, waiting: new Set() });
}

function writeUnfinished(worker) {
  const { file, waiting = [] } = workers.get(worker) || {};
  for (const title of waiting) write(file, [title], { message: 'the test ended without a result' });
  workers.delete(worker);
}

function write(file, names, error) {
  described += 1;
  const { message, summary, stack, values, formattedDetails } = error || {};
  const details = (formattedDetails || values || []).map((one) => `${one.label} ${one.formatted}`);
  const failure = { message: shorten(String(message || details.join('\n') || summary || 'failed')) };
  if (described <= maxDescribed)
    failure.trace = shorten([failure.message, ...details, stack].filter(Boolean).join('\n'));
  send(Object.assign({ file, names, outcome: 'failed' }, failure));
}
