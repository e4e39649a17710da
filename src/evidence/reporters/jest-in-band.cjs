// Jest loads the library that runs tests in the process that runs them. Jest decides late whether that is its
// own process.
'use strict';
const { reportInBand } = require('./sign-report.cjs');

exports.attach = (library) => {
  reportInBand();
  return library;
};
