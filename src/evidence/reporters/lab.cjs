// Attaches to the library of Lab. It writes one line per test to a report file. The reporters that the
// repository chose print the results as always.
'use strict';
const path = require('path');
const { describeError, maxDescribed, shorten } = require('./describe-error.cjs');
const { openReport } = require('./open-report.cjs');

exports.attach = (library) => {
  const send = openReport(path.join(__dirname, `lab-${process.pid}.jsonl`));
  const { execute } = library;
  library.execute = async (scripts, options, reporter) => {
    const files = findFiles([].concat(scripts));
    const notebook = await execute(
      scripts,
      Object.assign({}, options, { bail: false }),
      watch(reporter, files, send),
    );
    send({ end: true });
    return notebook;
  };
  return library;
};

/** Returns the file of each test. A test file exports its tests, so it is found by its exports. */
function findFiles(scripts) {
  const files = new Map();
  const visit = ({ tests, experiments }, file) => {
    for (const test of tests || []) files.set(test, file);
    for (const inner of experiments || []) visit(inner, file);
  };
  const loaded = Object.values(require.cache).filter((one) => one && one.exports && one.exports.lab);
  for (const script of scripts) {
    const { filename = null } = loaded.find(({ exports }) => exports.lab === script) || {};
    if (script._root) visit(script._root, filename);
  }
  return files;
}

/** Returns the reporter, and writes each result before the reporter gets it. */
function watch(reporter, files, send) {
  let described = 0;
  const failureOf = (error) => {
    described += 1;
    const message = shorten(String((error && error.message) || error));
    return described > maxDescribed ? { message } : { message, trace: describeError(error) };
  };
  return Object.assign(Object.create(reporter), {
    test(test) {
      const names = [...(test.path || []), test.relativeTitle || test.title];
      const outcome = test.err ? 'failed' : test.skipped || test.todo ? 'skipped' : 'passed';
      send(Object.assign({ file: files.get(test) || null, names, outcome }, test.err && failureOf(test.err)));
      return reporter.test(test);
    },
  });
}
