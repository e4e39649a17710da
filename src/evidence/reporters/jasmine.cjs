// Attaches to the library of Jasmine. It writes one line per spec to a report file. The reporters that the
// repository chose print the results as always.
'use strict';
const path = require('path');
const { maxDescribed, shorten } = require('./describe-error.cjs');
const { openReport } = require('./open-report.cjs');

exports.attach = (Jasmine) => {
  const send = openReport(path.join(__dirname, `jasmine-${process.pid}.jsonl`));
  const { execute } = Jasmine.prototype;
  Jasmine.prototype.execute = function executeWithReport(...words) {
    // The environment has reporters of its own, so this one replaces none of them.
    this.env.addReporter(createReporter(send));
    return execute.apply(this, words);
  };
  return Jasmine;
};

function createReporter(send) {
  const suites = [];
  let described = 0;
  const write = (file, names, outcome, failures = []) => {
    const line = { file: file || null, names, outcome };
    if (outcome === 'failed') {
      described += 1;
      line.message = shorten(failures.map(({ message }) => message).join('\n') || 'failed');
      if (described <= maxDescribed)
        line.trace = shorten(failures.map(({ message, stack }) => `${message}\n${stack}`).join('\n\n'));
    }
    send(line);
  };
  return {
    suiteStarted: ({ description }) => {
      suites.push(description);
    },
    suiteDone: ({ failedExpectations, filename }) => {
      // A suite counts as a test only if its own code or one of its hooks failed.
      if (failedExpectations && failedExpectations.length > 0)
        write(filename, [...suites, 'hooks'], 'failed', failedExpectations);
      suites.pop();
    },
    specDone: ({ status, description, filename, failedExpectations }) => {
      const outcome = status === 'passed' || status === 'failed' ? status : 'skipped';
      write(filename, [...suites, description], outcome, failedExpectations);
    },
    jasmineDone: ({ failedExpectations }) => {
      for (const failure of failedExpectations || [])
        write(failure.filename, ['loading'], 'failed', [failure]);
      send({ end: true });
    },
  };
}
