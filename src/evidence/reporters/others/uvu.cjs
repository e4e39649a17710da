// Changes the source of uvu, whose suites report only numbers.
'use strict';
const { callerFile, openCases } = require('./open-cases.cjs');

/** Makes the source call the functions that `attach` provides, except in another thread. */
exports.edit = (source) =>
  source
    .replace(
      'async function runner(',
      'const observed = process.pullwrightUvu;\nconst runner = observed ? observed.watch(runTests) : runTests;\nasync function runTests(',
    )
    .replace('let copy = { ...ctx };', 'let copy = { ...ctx, file: observed && observed.register() };');

exports.attach = () => {
  let cases;
  let open = 0;
  const register = () => {
    cases = cases || openCases('uvu');
    open += 1;
    return callerFile();
  };
  const watch = (runTests) => async (suite, name) => {
    try {
      return await runSuite(runTests, suite, name, cases.write);
    } finally {
      open -= 1;
    }
  };
  process.pullwrightUvu = { register, watch };
  process.on('exit', () => {
    if (cases && open === 0) cases.end();
  });
};

/** Runs a suite. A hook that fails lets its test fail, and a hook of the suite all tests without a result. */
async function runSuite(runTests, suite, name, write) {
  const tests = suite.only.length > 0 ? suite.only : suite.tests;
  let at = -1;
  let failure = null;
  const finish = () => {
    if (at >= 0)
      write(
        suite.file,
        [name, tests[at].name].filter(Boolean),
        failure ? 'failed' : 'passed',
        failure && failure.error,
      );
    failure = null;
  };
  const observe =
    (run) =>
    async (...words) => {
      try {
        return await run(...words);
      } catch (error) {
        failure = failure || { error };
        throw error;
      }
    };
  const begin = () => {
    finish();
    at += 1;
  };
  const observed = tests.map((test) => Object.assign({}, test, { handler: observe(test.handler) }));
  const hooks = {};
  for (const key of ['before', 'after', 'aEach']) hooks[key] = suite[key].map(observe);
  hooks.bEach = [begin, ...suite.bEach.map(observe)];
  hooks[suite.only.length > 0 ? 'only' : 'tests'] = observed;
  try {
    // If a hook fails, this can return early without an exception.
    return await runTests(Object.assign({}, suite, hooks), name);
  } finally {
    const lost = (at < 0 && failure) || { error: new Error('the test did not run') };
    if (at >= 0) finish();
    for (at += 1; at < tests.length; at += 1) {
      failure = lost;
      finish();
    }
    for (const { name: title } of suite.only.length > 0 ? suite.tests : [])
      write(suite.file, [name, title].filter(Boolean), 'skipped');
  }
}
