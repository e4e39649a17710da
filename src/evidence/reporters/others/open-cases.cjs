// Opens a report for test runners that do not say in which file a test is.
'use strict';
const path = require('path');
const { describeError, maxDescribed, shorten } = require('./describe-error.cjs');
const { openReport } = require('./open-report.cjs');

const location = /(?:file:\/\/)?(\/[^\s():]+\.(?:[cm]?[jt]sx?|coffee))(?=:\d+)/g;

/**
 * @param runner the first part of the report's name
 * @returns functions that write a result, and that the run is over
 */
exports.openCases = function openCases(runner) {
  const send = openReport(path.join(__dirname, `${runner}-${process.pid}.jsonl`));
  const seen = new Set();
  let described = 0;
  const write = (file, names, outcome, error) => {
    seen.add(file);
    const line = { file, names, outcome };
    if (outcome === 'failed') {
      described += 1;
      line.message = shorten(String((error && error.message) || error || 'failed'));
      if (error && described <= maxDescribed) line.trace = describeError(error);
    }
    send(line);
  };
  process.on('uncaughtExceptionMonitor', (error) => {
    // The repository or the runner handles it.
    if (process.listenerCount('uncaughtException') > 0) return;
    // The outermost file is the test file. If it has no result yet, it could not be loaded.
    const file = ownFiles(error).pop() || null;
    write(file, file !== null && !seen.has(file) ? [] : ['uncaught error'], 'failed', error);
  });
  return { write, end: () => send({ end: true }) };
};

/** Returns the file that called the runner; null if it is not known. */
exports.callerFile = () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const [file = null] = ownFiles(new Error('caller'));
  Error.stackTraceLimit = stackTraceLimit;
  return file;
};

/** Returns the files of the repository in a stack, the innermost one first. */
function ownFiles(error) {
  const found = String((error && error.stack) || '').match(location) || [];
  return found
    .map((file) => file.replace('file://', ''))
    .filter((file) => !file.includes('/node_modules/') && !file.startsWith(`${__dirname}/`));
}
