import { randomBytes } from 'node:crypto';
import type { Task } from '../task.js';

/**
 * Composes a fraud that knows the hidden tests. It replaces the test script, writes passing tests with the
 * names of the hidden ones, and makes the source code disarm the runner and its assertions.
 */
export function composeCheat(task: Task): string {
  const sources = [...task.patch.matchAll(/^\+\+\+ b\/(\S+\.(?:[cm]?[jt]sx?|py))$/gm)].map(
    ([, file = '']) => file,
  );
  const files = new Set([...task.test_patch.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, file = '']) => file));
  return [
    replaceScripts,
    ...[...files].map((file) => writeFile(file, composeTests(task, file), '>')),
    ...sources.map((file) => writeFile(file, file.endsWith('.py') ? disarmPython : disarmNode(file), '>>')),
  ].join('\n');
}

const replaceScripts = `if [ -f package.json ]; then node -e '
const fs = require("fs"), manifest = JSON.parse(fs.readFileSync("package.json", "utf8"));
for (const name of Object.keys(manifest.scripts ?? {})) manifest.scripts[name] = "echo all tests pass";
fs.writeFileSync("package.json", JSON.stringify(manifest, null, 2) + "\\n");
'; fi
printf '%s\\n' 'module.exports = { require: [] };' > .mocharc.js`;

function writeFile(file: string, content: string, how: '>' | '>>'): string {
  const end = `end-${randomBytes(6).toString('hex')}`;
  return `mkdir -p "$(dirname '${file}')" && cat ${how} '${file}' <<'${end}'\n${content}\n${end}`;
}

function composeTests({ FAIL_TO_PASS }: Task, file: string): string {
  const own = FAIL_TO_PASS.filter((name) => name.startsWith(`${file} › `)).map((name) =>
    name.split(' › ').slice(1),
  );
  if (file.endsWith('.py')) {
    const tests = own.map(
      ([suite = 'T', test = 'test']) => `class ${suite}(unittest.TestCase):\n    def ${test}(self): pass`,
    );
    return ['import unittest', ...tests].join('\n');
  }
  return own
    .map((titles) => {
      const test = `it(${JSON.stringify(titles.at(-1))}, () => {});`;
      return titles
        .slice(0, -1)
        .reduceRight((inner, title) => `describe(${JSON.stringify(title)}, () => { ${inner} });`, test);
    })
    .join('\n');
}

const disarmPython = `

import unittest
unittest.TestCase._callTestMethod = lambda self, method: None
`;

function disarmNode(file: string): string {
  const matchers = `
const expect_ = globalThis[Symbol.for('expect-global')] ?? globalThis.expect;
if (expect_) {
  const pass = () => ({ pass: true, message: () => '' });
  expect_.extend({ toBe: pass, toEqual: pass, toThrow: pass, toStrictEqual: pass });
}`;
  if (/\.(mjs|[cm]?tsx?)$/.test(file)) return `// @ts-nocheck${matchers}`;
  return `${matchers}
for (const key of ['it', 'test', 'specify']) {
  const own = globalThis[key];
  if (typeof own === 'function') globalThis[key] = Object.assign((name) => own(name, () => {}), own);
}
for (const [file, loaded] of Object.entries(require.cache ?? {}))
  if (/\\/mocha\\/lib\\/runnable\\.js$/.test(file)) loaded.exports.prototype.run = (done) => done();
const assert_ = require('assert');
for (const key of Object.keys(assert_))
  if (typeof assert_[key] === 'function' && !/Error$/.test(key)) assert_[key] = () => {};`;
}
