// Attaches to the library of Vitest in the process of another program, such as an executor of Nx. The library
// is an ES module, so this needs a version of Node with hooks for loading modules.
'use strict';
const path = require('path');
const { pathToFileURL } = require('url');
const { register } = require('module');
const { signFiles } = require('./sign-files.cjs');
const { askForKey } = require('./sign-report.cjs');

exports.attach = () => {
  if (register) register(pathToFileURL(path.join(__dirname, 'vitest-hooks.mjs')));
  process.pullwrightVitest =
    (start) =>
    (mode, filters, options, ...more) =>
      start(mode, filters, withReport(options), ...more);
};

let count = 0;

function withReport(options = {}) {
  count += 1;
  askForKey('runner');
  signFiles();
  const json = path.join(__dirname, `vitest-${process.pid}.${count}.json`);
  const own = [].concat(options.reporters || options.reporter || []);
  const reporters = [...(own.length > 0 ? own : ['default']), 'json'];
  const { outputFile } = options;
  const outputs = typeof outputFile === 'string' ? { junit: outputFile, html: outputFile } : outputFile;
  return Object.assign({}, options, {
    reporters,
    outputFile: Object.assign({}, outputs, { json }),
    watch: false,
    bail: 0,
  });
}
