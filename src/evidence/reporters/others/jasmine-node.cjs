// Attaches to the library of jasmine-node, which contains Jasmine 1.3.
'use strict';
const { callerFile, openCases } = require('./open-cases.cjs');

exports.attach = (library) => {
  const { write, end } = openCases('jasmine_node');
  const files = new WeakMap();
  const env = library.getEnv();
  const { it } = env;
  env.it = function itOfFile(...words) {
    const spec = it.apply(this, words);
    if (spec) files.set(spec, callerFile());
    return spec;
  };
  env.addReporter({
    reportSpecResults: (spec) => {
      const results = spec.results();
      const broken = results.getItems().find((one) => one.passed && !one.passed());
      const outcome = results.skipped ? 'skipped' : broken ? 'failed' : 'passed';
      const error = broken && (broken.trace && broken.trace.stack ? broken.trace : broken);
      write(files.get(spec) || null, [...suitesOf(spec.suite), spec.description], outcome, error);
    },
    reportRunnerResults: end,
  });
  return library;
};

function suitesOf(suite) {
  return suite ? [...suitesOf(suite.parentSuite), suite.description] : [];
}
