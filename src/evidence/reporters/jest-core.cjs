// Attaches to the library of Jest, for programs that call it without its command, such as the executors of Nx.
'use strict';
const path = require('path');
const { signFiles } = require('./sign-files.cjs');
const { askForKey } = require('./sign-report.cjs');

const special = /[\\^$.*+?()[\]{}|]/g;
let count = 0;

exports.attach = (library, { wantedFiles }) => {
  const { runCLI } = library;
  const runWithReport = (options, projects) => {
    // Jest's own command has got these options as arguments.
    if (String(options.outputFile || '').startsWith(__dirname)) return runCLI(options, projects);
    count += 1;
    askForKey('runner');
    signFiles();
    const outputFile = path.join(__dirname, `jest-${process.pid}.${count}.json`);
    const changed = Object.assign({}, options, { json: true, outputFile, bail: 0 });
    if (changed.watch || changed.watchAll) Object.assign(changed, { watch: false, watchAll: false });
    const wanted = wantedFiles(findRoot(projects[0]));
    // If none of the requested files is in this project, all of its tests run.
    if (wanted.length > 0) changed._ = wanted.map((file) => file.replace(special, '\\$&'));
    return runCLI(changed, projects);
  };
  // The exports of this library cannot be changed, so a copy replaces them.
  const copy = Object.create(library);
  Object.defineProperty(copy, 'runCLI', { enumerable: true, value: runWithReport });
  return copy;
};

/** @param project a project's folder, or its settings file */
function findRoot(project) {
  if (typeof project !== 'string') return process.cwd();
  const place = path.resolve(project);
  return path.extname(place) === '' ? place : path.dirname(place);
}
