// A reporter for node:test. It writes one line per finished test to a report file. All test processes write
// to the same file.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError, maxDescribed, shorten } from './describe-error.cjs';

const report = fileURLToPath(new URL('./node-test.jsonl', import.meta.url));
const maxPrinted = 100_000;

export default async function* reporter(source) {
  const open = new Map();
  /** What each test file printed. Node does not say which of the file's tests printed it. */
  const printed = new Map();
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
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { skip, todo, file, name, nesting, details } = data;
    const failed = type === 'test:fail';
    const error = details?.error;
    if (details?.type === 'suite') {
      // A suite counts as a test only if its body or one of its hooks failed.
      if (!failed || error?.failureType === 'subtestsFailed' || error?.failureType === 'cancelledByParent')
        continue;
    }
    // Node can report a whole file as a test with the file's name. Such an entry matters only if the file
    // failed.
    const whole = nesting === 0 && file && path.resolve(name) === path.resolve(file);
    if (whole && !failed) continue;
    const names = whole ? [] : [...(open.get(file) ?? []).slice(0, nesting), name];
    const outcome = skip !== undefined || todo !== undefined ? 'skipped' : failed ? 'failed' : 'passed';
    const line = { file: file ?? null, names, outcome };
    if (outcome === 'failed') {
      described += 1;
      Object.assign(line, failureOf(error, whole, printed.get(file)));
      if (described > maxDescribed) Object.assign(line, { trace: undefined, output: undefined });
      // The output of a file belongs to all of its failures. The report contains it only once.
      else printed.delete(file);
    }
    appendFileSync(report, `${JSON.stringify(line)}\n`);
  }
  yield '';
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
