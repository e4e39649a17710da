// A reporter for node:test. It writes one line per finished test to a report file.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError, maxDescribed, shorten } from './describe-error.cjs';
import { openReport } from './open-report.cjs';

const report = fileURLToPath(new URL(`./node-test-${process.pid}.jsonl`, import.meta.url));
const maxPrinted = 100_000;

export default async function* reporter(source) {
  const send = openReport(report);
  const open = new Map();
  /** What each test file printed. Node does not say which of the file's tests printed it. */
  const printed = new Map();
  const waits = watchEnd();
  let described = 0;
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      const text = (printed.get(data.file) ?? '') + data.message;
      printed.set(data.file, text.length > maxPrinted ? shorten(text) : text);
    }
    if (type === 'test:start') {
      const names = open.get(data.file) ?? [];
      names.length = data.nesting;
      names[data.nesting] = data.name;
      open.set(data.file, names);
    }
    const line = readResult(type, data, open.get(data?.file));
    if (line?.outcome === 'failed') {
      described += 1;
      Object.assign(line, failureOf(data.details?.error, isWhole(data), printed.get(data.file)));
      if (described > maxDescribed) Object.assign(line, { trace: undefined, output: undefined });
      // The output of a file belongs to all of its failures. The report contains it only once.
      else printed.delete(data.file);
    }
    if (line) send(line);
    if (waits(type, data)) send({ end: true });
  }
  send({ end: true });
  yield '';
}

/** @returns null if this event is not the result of a test */
function readResult(type, data, open = []) {
  if (type !== 'test:pass' && type !== 'test:fail') return null;
  const { skip, todo, file, name, nesting, details } = data;
  const failed = type === 'test:fail';
  if (details?.type === 'suite') {
    const kind = details.error?.failureType;
    // A suite counts as a test only if its body or one of its hooks failed.
    if (!failed || kind === 'subtestsFailed' || kind === 'cancelledByParent') return null;
  }
  // Node can report a whole file as a test with the file's name. Such an entry matters only if the file
  // failed.
  const whole = isWhole(data);
  if (whole && !failed) return null;
  const names = whole ? [] : [...open.slice(0, nesting), name];
  const outcome = skip !== undefined || todo !== undefined ? 'skipped' : failed ? 'failed' : 'passed';
  return { file: file ?? null, names, outcome };
}

function isWhole({ nesting, file, name }) {
  return nesting === 0 && Boolean(file) && path.resolve(name) === path.resolve(file);
}

/**
 * Returns a function that gets all events. It returns true when only one file still runs, and all tests of
 * this file have ended. Something other than a test then keeps the file's process from ending, and Node waits
 * for it without end.
 */
function watchEnd() {
  const files = new Set();
  let tests = 0;
  let ended = false;
  return (type, data) => {
    // Other events, such as a diagnostic, have no name, or no data at all.
    if (!/^test:(enqueue|complete|pass|fail)$/.test(type)) return false;
    const step = type === 'test:enqueue' ? 1 : type === 'test:complete' ? -1 : 0;
    if (!isWhole(data)) {
      tests += step;
      ended ||= step < 0;
    } else if (step > 0) files.add(data.file);
    else if (step < 0) {
      files.delete(data.file);
      ended = false;
    }
    return /pass|fail/.test(type) && ended && tests === 0 && files.size === 1;
  };
}

/**
 * @param whole whether the file failed before its tests ran. Node then only says that it failed, and its
 * output contains the error.
 */
function failureOf(error, whole, output = '') {
  const cause = error?.cause ?? error;
  const message = shorten(String(cause?.message ?? cause));
  const thrown = whole && /^(?:\w+ )?[\w.]*(?:Error|Exception)\b.*/m.exec(output)?.[0];
  if (thrown) return { message: thrown, trace: shorten(output) };
  return { message, trace: describeError(cause), output: shorten(output) };
}
