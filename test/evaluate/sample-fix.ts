import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const manifest = { name: 'greeter', type: 'commonjs', scripts: { test: 'node --test' } };
const test = (title: string, call: string, text: string) =>
  `test('${title}', () => {\n  assert.strictEqual(greet(${call}), '${text}');\n});\n`;
const tests = [
  "const assert = require('node:assert');\nconst { test } = require('node:test');\n",
  "const { greet } = require('../src/greet.js');\n\n",
  test('greets', '', 'hello'),
].join('');

export const fixedGreet =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the program
  'function greet(name) {\n  return name ? `hello ${name}` : "hello";\n}\nmodule.exports = { greet };\n';
export const brokenGreet = 'function greet() {\n  return "hello";\n}\nmodule.exports = { greet };\n';

/**
 * Writes a repository whose last commit fixes something and adds a test for it. A further test fails before
 * and after.
 */
export function writeSampleFix(folder: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    });
  const commit = (message: string, files: Record<string, string>) => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    }
    git('add', '--all');
    git('commit', '--quiet', '-m', message);
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  commit('Greet', {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'src/greet.js': brokenGreet,
    'test/greet.test.js': `${tests}\n${test('shouts', '', 'HELLO')}`,
  });
  commit('Greet by name', {
    'src/greet.js': fixedGreet,
    'test/greet.test.js': `${tests}\n${test('shouts', '', 'HELLO')}\n${test('greets by name', '"Ada"', 'hello Ada')}`,
  });
}

/** Composes a patch from the sample's base commit to these files; null deletes a file. */
export function composePatch(folder: string, files: Record<string, string | null>): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  git('checkout', '--quiet', '--detach', 'main^');
  for (const [file, content] of Object.entries(files)) {
    if (content === null) rmSync(path.join(folder, file));
    else {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    }
  }
  git('add', '--all');
  const patch = git('diff', '--cached', '--binary', 'HEAD');
  git('checkout', '--quiet', '--force', 'main');
  return patch;
}
