// Attaches to the library of nodeunit.
'use strict';
const { openCases } = require('./open-cases.cjs');

exports.attach = (library) => {
  const { write, end } = openCases('nodeunit');
  const { runModule, runTest } = library;
  let file = null;
  let open = 0;
  library.runModule = function runModuleOfFile(name, tests, options, callback) {
    const { filename = null } =
      Object.values(require.cache).find((one) => one && one.exports === tests) || {};
    file = filename;
    open += 1;
    return runModule.call(this, name, tests, options, (...words) => {
      open -= 1;
      callback(...words);
    });
  };
  library.runTest = function runTestAndReport(name, test, options, callback) {
    const { testDone } = options;
    const done = (title, assertions) => {
      const broken = assertions.find((one) => one.failed());
      write(file, [].concat(name).map(String), broken ? 'failed' : 'passed', broken && broken.error);
      if (testDone) testDone(title, assertions);
    };
    return runTest.call(this, name, test, Object.assign({}, options, { testDone: done }), callback);
  };
  process.on('exit', () => {
    if (open === 0) end();
  });
  return library;
};
