// A reporter for Mocha. It writes one line per test to a report file. It also starts the reporter that the
// repository chose, which prints the human-readable results.
'use strict';
const { appendFileSync, realpathSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { describeError, maxDescribed, shorten } = require('./describe-error.cjs');

const fromMocha = createRequire(realpathSync(process.argv[1]));
const report = path.join(__dirname, `mocha-${process.pid}.jsonl`);

module.exports = class {
  constructor(runner, options) {
    const Printer = findPrinter();
    this.printer = new Printer(runner, options);
    const brokenHooks = [];
    runner.on('pass', (test) => write(test, 'passed'));
    runner.on('pending', (test) => write(test, 'skipped'));
    runner.on('fail', (test, error) => {
      if (test.type === 'hook') brokenHooks.push({ hook: test, error });
      else write(test, 'failed', failureOf(error));
    });
    runner.on('end', () => {
      for (const { hook, error } of brokenHooks) writeHook(hook, failureOf(error));
      appendFileSync(report, '{"end":true}\n');
    });
  }

  done(failures, then) {
    if (this.printer.done) this.printer.done(failures, then);
    else then(failures);
  }
};

function findPrinter() {
  const { reporters } = fromMocha('mocha');
  const name = process.env.PULLWRIGHT_MOCHA_PRINTER;
  if (!name) return reporters.spec;
  if (reporters[name]) return reporters[name];
  try {
    return createRequire(path.join(process.cwd(), 'x.js'))(name);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return reporters.spec;
    throw error;
  }
}

/**
 * Writes the results of a failed hook:
 * (1) A pending test that the hook kept from running gets the result `skipped`.
 * (2) Any other test that the hook kept from running gets the result `failed`.
 * (3) A `before` or `beforeEach` hook that kept tests from running gets no result of its own.
 * (4) Any other failed hook gets the result `failed`.
 */
function writeHook(hook, failure) {
  const waiting = [];
  hook.parent?.eachTest?.((test) => {
    if (!test.state) waiting.push(test);
  });
  for (const test of waiting)
    if (test.isPending()) write(test, 'skipped');
    else {
      test.state = 'failed';
      write(test, 'failed', { ...failure, message: `${hook.title}: ${failure.message}` });
    }
  if (waiting.length > 0 && /^"before/.test(hook.title)) return;
  let file = hook.file ?? hook.ctx?.currentTest?.file ?? hook.parent?.file;
  hook.parent?.eachTest?.((test) => {
    file ??= test.file;
  });
  const titles = [...(hook.parent?.titlePath?.() ?? []), hook.title.replace(/ for "[^"]*"$/, '')];
  line({ file: file ?? null, names: titles, outcome: 'failed', ...failure });
}

function write(test, outcome, failure) {
  line({ file: test.file ?? null, names: test.titlePath?.() ?? [test.fullTitle()], outcome, ...failure });
}

function line(value) {
  appendFileSync(report, `${JSON.stringify(value)}\n`);
}

let described = 0;

function failureOf(error) {
  described += 1;
  const message = shorten(String(error?.message ?? error));
  return described > maxDescribed ? { message } : { message, trace: describeError(error) };
}
