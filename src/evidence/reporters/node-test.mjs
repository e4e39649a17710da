// A reporter for node:test. It writes one line per finished test to a report file. All test processes write
// to the same file.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const report = fileURLToPath(new URL('./node-test.jsonl', import.meta.url));

export default async function* reporter(source) {
  const open = new Map();
  for await (const { type, data } of source) {
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
    const cause = error?.cause ?? error;
    const message = error ? String(cause?.message ?? cause) : undefined;
    appendFileSync(report, `${JSON.stringify({ file: file ?? null, names, outcome, message })}\n`);
  }
  yield '';
}
