// Reports the tests of programs that call `run()` of node:test. Reporters are options of the Node process, and
// `run()` ignores them.
'use strict';
const { syncBuiltinESMExports } = require('module');
const path = require('path');
const { pathToFileURL } = require('url');
const { askForKey } = require('./sign-report.cjs');

const types = [
  ...['test:enqueue', 'test:dequeue', 'test:start', 'test:pass', 'test:fail', 'test:complete'],
  ...['test:stdout', 'test:stderr'],
];

exports.observeRun = () => {
  const test = require('node:test');
  const { run } = test;
  if (typeof run !== 'function') return;
  test.run = function runObserved(...words) {
    askForKey('runner');
    const stream = run.apply(this, words);
    report(stream);
    return stream;
  };
  syncBuiltinESMExports();
};

/** Listens to named events only. A listener for `data` would take the events from the program's own reporter. */
function report(stream) {
  const events = createQueue();
  for (const type of types) stream.on(type, (data) => events.add({ type, data }));
  stream.once('close', events.end);
  const consume = async () => {
    const reporter = await import(pathToFileURL(path.join(__dirname, 'node-test.mjs')).href);
    for await (const _ of reporter.default(events));
  };
  consume().catch((error) => console.error(`Pullwright cannot observe this test runner: ${error.message}`));
}

function createQueue() {
  const waiting = [];
  let isEnded = false;
  let wake = () => {};
  return {
    add: (event) => {
      waiting.push(event);
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift();
        if (isEnded) return;
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
