import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMirror } from '../../src/workspace/mirrors/mirror.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
const identity = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.com'];
const git = (...args: string[]) =>
  execFileSync('git', ['-C', folder.path, ...identity, ...args], { encoding: 'utf8' }).trim();
/** Commits a file to a branch, and returns the commit. */
const commit = (branch: string, file: string, text: string) => {
  git('checkout', '-q', branch);
  execFileSync('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', text, `${folder.path}/${file}`]);
  git('add', '-A');
  git('commit', '-qm', `Change ${file}`);
  return git('rev-parse', 'HEAD');
};
const merge = (branch: string, other: string, ...options: string[]) => {
  git('checkout', '-q', branch);
  git('merge', '-q', '--no-ff', '--no-edit', ...options, other);
  return git('rev-parse', 'HEAD');
};
const isOnlyMerged = (from: string, to: string) =>
  openMirror(`${folder.path}/.git`).isOnlyMerged(from, to, git('rev-parse', 'main'));

beforeEach(async () => {
  folder = await createTemporaryFolder();
  git('init', '-q', '-b', 'main');
  execFileSync('sh', ['-c', 'echo 1 > a; echo 1 > b', 'sh'], { cwd: folder.path });
  git('add', '-A');
  git('commit', '-qm', 'First');
  git('branch', 'bot');
  git('branch', 'feature');
});

afterEach(() => folder.remove());

test('merges of the base alone add nothing of people, however many', () => {
  const pushed = commit('bot', 'a', '2');
  commit('main', 'b', '2');
  merge('bot', 'main');
  commit('main', 'c', '1');
  return expect(isOnlyMerged(pushed, merge('bot', 'main'))).resolves.toBe(true);
});

test('a commit of a person, before or after a merge, is theirs', async () => {
  const pushed = commit('bot', 'a', '2');
  expect(await isOnlyMerged(pushed, commit('bot', 'b', 'mine'))).toBe(false);
  commit('main', 'c', '1');
  expect(await isOnlyMerged(pushed, merge('bot', 'main'))).toBe(false);
});

test('a merge of another branch is not one of the base', async () => {
  const pushed = commit('bot', 'a', '2');
  commit('feature', 'c', '1');
  expect(await isOnlyMerged(pushed, merge('bot', 'feature'))).toBe(false);
});

test('a merge whose result a person changed, or whose conflict one resolved, is theirs', async () => {
  const pushed = commit('bot', 'a', '2');
  commit('main', 'b', '2');
  merge('bot', 'main');
  execFileSync('sh', ['-c', 'echo mine > d'], { cwd: folder.path });
  git('add', '-A');
  git('commit', '-q', '--amend', '--no-edit');
  expect(await isOnlyMerged(pushed, git('rev-parse', 'bot'))).toBe(false);

  git('reset', '-q', '--hard', pushed);
  commit('main', 'a', '3');
  expect(await isOnlyMerged(pushed, merge('bot', 'main', '-X', 'ours'))).toBe(false);
});

test('a branch that was rewritten is not only merged', async () => {
  const pushed = commit('bot', 'a', '2');
  git('reset', '-q', '--hard', 'main');
  expect(await isOnlyMerged(pushed, commit('bot', 'a', '4'))).toBe(false);
  expect(await isOnlyMerged(pushed, git('rev-parse', 'main'))).toBe(false);
});
