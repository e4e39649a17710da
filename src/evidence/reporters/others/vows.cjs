// Attaches to the suites of Vows.
'use strict';
const { callerFile, openCases } = require('./open-cases.cjs');

const outcomes = { honored: 'passed', pending: 'skipped', broken: 'failed', errored: 'failed' };

exports.attach = (library) => {
  const { write, end } = openCases('vows');
  const files = new WeakMap();
  const running = new Set();
  const { prototype } = library.Suite;
  const { addBatch, report, run } = prototype;
  prototype.addBatch = function addBatchOfFile(...words) {
    if (!files.has(this)) files.set(this, callerFile());
    return addBatch.apply(this, words);
  };
  prototype.addVows = prototype.addBatch;
  prototype.run = function runSuite(...words) {
    running.add(this);
    return run.apply(this, words);
  };
  prototype.report = function reportAndWrite(...words) {
    const [[event, vow]] = words;
    if (event === 'finish') running.delete(this);
    if (event === 'vow') {
      const names = [this.subject, vow.context, vow.title].filter(Boolean).map(String);
      write(files.get(this) || null, names, outcomes[vow.status], vow.exception);
    }
    return report.apply(this, words);
  };
  process.on('exit', () => {
    if (running.size === 0) end();
  });
  return library;
};
