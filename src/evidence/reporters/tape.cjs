// Attaches to the library of tape, which prints its results in the Test Anything Protocol (TAP). It copies
// what the process prints from then on to a report file.
'use strict';
const path = require('path');
const { openReport } = require('./open-report.cjs');

let send;

exports.attach = (library) => {
  if (send) return library;
  send = openReport(path.join(__dirname, `tape-${process.pid}.tap`));
  const main = path.resolve(process.argv[1]);
  // If Node runs a test file itself, this file contains the tests.
  send(`# file: ${/[/\\]node_modules[/\\]/.test(main) ? '' : main}\n`);
  const { write } = process.stdout;
  process.stdout.write = function writeAndCopy(text, ...words) {
    send(typeof text === 'string' ? text : Buffer.from(text).toString());
    return write.call(this, text, ...words);
  };
  return library;
};
