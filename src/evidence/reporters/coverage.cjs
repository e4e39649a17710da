// Records which parts of the changed files run. preload.cjs loads this file into each process and thread of a
// test command, if the coverage of a change is measured. It asks V8 itself, because jest, vitest and others load
// code without Node's loaders, so that NODE_V8_COVERAGE does not know the source code that ran.
'use strict';
const { ChildProcess } = require('child_process');
const { createHash } = require('crypto');
const fs = require('fs');
const inspector = require('inspector');
const path = require('path');
const { fileURLToPath } = require('url');
const { threadId } = require('worker_threads');

const { existsSync, readFileSync, renameSync, writeFileSync } = fs;
const folder = path.join(__dirname, 'coverage');
const [root, ...wanted] = readFileSync(path.join(__dirname, 'changed'), 'utf8').split('\n');
/** Absolute paths of the changed files. */
const changed = new Set(wanted.filter(Boolean).map((file) => path.join(root, file)));
const maxSource = 4000000;

/** What V8 counted in files of the repository so far, except for what it still counts. */
const counted = [];
/** The files of all scripts, by the ids of the scripts; undefined if it is no file of the repository. */
const known = new Map();
/** What the debugger says about these scripts. */
const details = new Map();

const session = new inspector.Session();
if (connect()) {
  session.on('Debugger.scriptParsed', ({ params }) => {
    if (toOwnFile(params.url)) details.set(params.scriptId, params);
  });
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  shareWithOthers();
  endWell();
  process.on('exit', record);
  // Runners kill their workers, sometimes without a signal that the workers notice.
  if (process.send) setInterval(() => take() && record(), 500).unref();
}
keepInChildren();

/** @returns false in processes that have no inspector, such as those that only start others for node:test */
function connect() {
  try {
    session.connect();
    return true;
  } catch {
    return false;
  }
}

/** The runner can measure coverage too. V8 then counts again from zero, each time that one of both asks. */
function shareWithOthers() {
  const { post } = inspector.Session.prototype;
  inspector.Session.prototype.post = function postShared(method, ...words) {
    const isEnd = method === 'Profiler.stopPreciseCoverage' || method === 'Profiler.disable';
    const done = words[words.length - 1];
    if (method !== 'Profiler.takePreciseCoverage' || typeof done !== 'function')
      return post.call(this, isEnd ? 'Profiler.enable' : method, ...words);
    return post.call(this, method, (error, answer) => {
      if (answer) count(answer.result);
      done(error, answer);
    });
  };
}

/** Keeps what is new in an answer of V8. */
function count(scripts) {
  for (const { scriptId, url, functions } of scripts) {
    const isKnown = known.has(scriptId);
    if (!isKnown) known.set(scriptId, toOwnFile(url));
    const file = known.get(scriptId);
    const hasRun = functions.some((one) => one.ranges.some((range) => range.count > 0));
    if (file && (hasRun || !isKnown)) counted.push({ scriptId, file, functions });
  }
}

/** @returns whether files of the repository ran since the last call */
function take() {
  const before = counted.length;
  session.post('Profiler.takePreciseCoverage', () => {});
  return counted.length > before;
}

/** A test can start its server with variables of its own, but the server must also load preload.cjs. */
function keepInChildren() {
  const { spawn } = ChildProcess.prototype;
  const { NODE_OPTIONS } = process.env;
  ChildProcess.prototype.spawn = function spawnRecorded(options) {
    const { envPairs } = options;
    if (NODE_OPTIONS && envPairs && !envPairs.some((pair) => pair.startsWith('NODE_OPTIONS=')))
      envPairs.push(`NODE_OPTIONS=${NODE_OPTIONS}`);
    return spawn.call(this, options);
  };
}

/** Runners and tests end other processes with this signal, and then no `exit` is emitted. */
function endWell() {
  process.once('SIGTERM', () => {
    // The program's own listener ends the process.
    if (process.listenerCount('SIGTERM') > 0) return;
    record();
    process.kill(process.pid, 'SIGTERM');
  });
}

function record() {
  take();
  session.post('Debugger.enable');
  const loaded = new Set();
  const scripts = [];
  for (const { scriptId, file, functions } of counted) {
    const { sourceMapURL = '', startColumn = 0 } = details.get(scriptId) || {};
    const map = sourceMapURL && readMap(file, sourceMapURL);
    const sources = map ? map.sources.map((source) => toSource(source, map.folder)) : [];
    for (const one of [file, ...sources]) loaded.add(path.relative(root, one));
    if (![file, ...sources].some((one) => changed.has(one))) continue;
    const code = keepCode(scriptId, map, sources);
    const ranges = functions.flatMap((one) => one.ranges);
    const flat = ranges.flatMap(({ startOffset, endOffset, count }) => [
      startOffset,
      endOffset,
      count > 0 ? 1 : 0,
    ]);
    if (code) scripts.push({ file: path.relative(root, file), code, startColumn, ranges: flat });
  }
  const { pid, ppid } = process;
  write(`${pid}-${threadId}.json`, { pid, ppid, loaded: [...loaded].slice(0, 10000), scripts });
}

/** Stores the source code that ran, once for all processes. @returns its name; undefined if it is too long */
function keepCode(scriptId, map, sources) {
  let text = '';
  session.post('Debugger.getScriptSource', { scriptId }, (_error, answer) => {
    text = answer ? answer.scriptSource : '';
  });
  if (text === '' || text.length > maxSource) return undefined;
  const name = createHash('sha256').update(text).digest('hex');
  const mappings = map && {
    sources: sources.map((source) => path.relative(root, source)),
    mappings: map.mappings,
  };
  if (!existsSync(path.join(folder, `${name}.json`)))
    write(`${name}.json`, { code: name, text, map: mappings || null });
  return name;
}

function write(name, value) {
  const file = path.join(folder, name);
  // Another process can write the same file at this moment.
  const part = `${file}.${process.pid}-${threadId}`;
  writeFileSync(part, `\n${JSON.stringify(value)}\n`);
  renameSync(part, file);
}

/** @returns undefined if the script is no file of the repository */
function toOwnFile(url) {
  const file = toPath(url);
  return file && file.startsWith(root + path.sep) && !file.includes('/node_modules/') ? file : undefined;
}

function toPath(url) {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : path.isAbsolute(url) ? url : null;
  } catch {
    // It is no path of this machine.
    return null;
  }
}

/** @param {string} place the address that the code names: a data URL, or a file */
function readMap(file, place) {
  try {
    const [head, data = ''] = place.startsWith('data:') ? place.split(/,(.*)/s) : [];
    const mapFile = path.resolve(path.dirname(file), place);
    const text =
      head === undefined
        ? readFileSync(mapFile, 'utf8')
        : /;base64$/.test(head)
          ? Buffer.from(data, 'base64').toString()
          : decodeURIComponent(data);
    const { sources, sourceRoot = '', mappings } = JSON.parse(text);
    if (!Array.isArray(sources) || typeof mappings !== 'string') return null;
    const from = path.dirname(head === undefined ? mapFile : file);
    return { sources: sources.map(String), mappings, folder: path.resolve(from, sourceRoot || '') };
  } catch {
    // Code can name a source map that does not exist.
    return null;
  }
}

function toSource(source, from) {
  return toPath(source) || path.resolve(from, source);
}
