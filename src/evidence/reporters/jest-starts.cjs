// Attaches to the environment in which Jest runs tests, and records when they start and end.
'use strict';
const { isWanted, record } = require('./test-starts.cjs');

const types = { test_start: 'start', test_done: 'end', test_skip: 'end' };

exports.attach = (library) => {
  if (!isWanted) return library;
  const Original = library.TestEnvironment || library.default || library;
  class Recording extends Original {
    constructor(config, context) {
      super(config, context);
      this.pullwrightFile = context.testPath;
    }

    async handleTestEvent(event, state) {
      const type = types[event.name];
      if (type) record(event.test.concurrent ? 'concurrent' : type, this.pullwrightFile, namesOf(event.test));
      if (super.handleTestEvent) await super.handleTestEvent(event, state);
    }
  }
  if (library === Original) return Recording;
  // The exports of this library cannot be changed, so a copy replaces them.
  const copy = Object.create(library);
  for (const name of ['default', 'TestEnvironment'])
    Object.defineProperty(copy, name, { enumerable: true, value: Recording });
  return copy;
};

function namesOf(test) {
  const names = [];
  for (let at = test; at && at.name !== 'ROOT_DESCRIBE_BLOCK'; at = at.parent) names.unshift(String(at.name));
  return names;
}
