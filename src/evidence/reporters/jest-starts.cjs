// Attaches to the environment in which Jest runs tests, and records when they start and end.
'use strict';
const { endTest, isWanted, startTest } = require('./test-starts.cjs');

exports.attach = (library) => {
  if (!isWanted) return library;
  const Original = library.TestEnvironment || library.default || library;
  class Recording extends Original {
    async handleTestEvent(event, state) {
      if (event.name === 'test_start') startTest(namesOf(event.test));
      if (event.name === 'test_done') endTest(namesOf(event.test));
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
