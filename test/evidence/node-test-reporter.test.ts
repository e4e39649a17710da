import { copyFileSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const reporters = fileURLToPath(new URL('../../src/evidence/reporters/', import.meta.url));
let temporary: Awaited<ReturnType<typeof createTemporaryFolder>>;
let folder: string;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  folder = realpathSync(temporary.path);
  for (const name of ['node-test.mjs', 'describe-error.cjs', 'open-report.cjs', 'sign-report.cjs'])
    copyFileSync(path.join(reporters, name), path.join(folder, name));
});
afterAll(() => temporary.remove());

type Event = { type: string; data: { name: string; file: string; nesting: number } };

const event = (type: string, name: string, file: string): Event => ({
  type: `test:${type}`,
  data: { name, file, nesting: 0 },
});
const testOf = (name: string, file: string) =>
  ['enqueue', 'complete', 'pass'].map((type) => event(type, name, file));

/** Returns what the report contains while the reporter still waits for events. */
async function report(events: Event[]): Promise<string> {
  const { default: reporter } = await import(pathToFileURL(path.join(folder, 'node-test.mjs')).href);
  let text = '';
  async function* source() {
    yield* events;
    const name = readdirSync(folder).find((one) => one.endsWith('.jsonl')) ?? '';
    text = readFileSync(path.join(folder, name), 'utf8');
  }
  for await (const _ of reporter(source()));
  return text;
}

test('events that are about no test, such as a diagnostic, do not break the report', async () => {
  const diagnostic = { type: 'test:diagnostic', data: { nesting: 0, file: '/a.js', message: 'note' } };
  const drained = { type: 'test:watch:drained', data: undefined };
  const events = [diagnostic, drained, ...testOf('one', '/a.js')] as Event[];
  expect(await report(events)).toMatch(/"one".*\n$/);
});

test('the report ends when only the last file still runs, and all of its tests have ended', async () => {
  const files = [event('enqueue', '/a.js', '/a.js'), event('enqueue', '/b.js', '/b.js')];
  const first = [...files, ...testOf('one', '/a.js')];
  const end = /\n\{"end":true\}\n$/;
  expect(await report(first)).not.toMatch(end);
  const last = [...first, event('complete', '/a.js', '/a.js')];
  expect(await report([...last, event('enqueue', 'two', '/b.js')])).toMatch(/"one".*\n$/);
  expect(await report([...last, ...testOf('two', '/b.js')])).toMatch(end);
  const waiting = [event('enqueue', 'three', '/b.js'), ...testOf('two', '/b.js')];
  expect(await report([...last, ...waiting])).not.toMatch(end);
});
