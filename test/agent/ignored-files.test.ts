import { describe, expect, test } from '@jest/globals';
import { noticeIgnored } from '../../src/agent/ignored-files.js';
import type { Reply } from '../../src/model/model.js';
import type { Execution, Sandbox } from '../../src/sandbox/sandbox.js';

const asked: string[][] = [];
/** A sandbox whose git ignores everything because of one pattern. */
const sandbox: Pick<Sandbox, 'execute'> = {
  execute: async ({ args = [] }) => {
    asked.push(args);
    const stdout = args.map((path) => `.gitignore\n2\nlib/\n${path}\n`).join('');
    return { stdout } as Execution;
  },
};
const workspace = { sandbox: sandbox as Sandbox };

function reply(...calls: [name: string, input: object][]): Pick<Reply, 'content'> {
  return { content: calls.map(([name, input]) => ({ type: 'tool_use', name, input })) as Reply['content'] };
}
const command = reply(['bash', { command: 'make' }]);
const texts = async (paths: string[], of = command) =>
  (await noticeIgnored(paths, of, workspace)).map(({ text }) => text);

describe('noticeIgnored', () => {
  test('names the new files and why git ignores them, as data', async () => {
    expect(await texts(['src/lib/', 'config.local.json'])).toEqual([
      expect.stringMatching(
        /^Git ignores these new files and folders\. They will not be part of the pull request\./,
      ),
      '<data kind="ignored-files">\nsrc/lib/: the pattern lib/ in .gitignore, line 2\nconfig.local.json: the pattern lib/ in .gitignore, line 2\n</data>',
    ]);
  });

  test.each([
    ...['node_modules/', 'packages/a/dist/', 'build/', 'coverage/', 'target/', 'app/__pycache__/', '.venv/'],
    ...[
      '.pytest_cache/',
      '.next/',
      'a.pyc',
      'npm-debug.log',
      'tsconfig.tsbuildinfo',
      '.DS_Store',
      'db.sqlite3',
    ],
  ])('says nothing about %s, which tools produce', async (path) => {
    expect(await texts([path])).toEqual([]);
  });

  test('tells about a file of settings that people write', async () => {
    expect(await texts(['.env.test'])).toHaveLength(2);
  });

  test('says nothing about a file that the editor created, and in a turn without a command', async () => {
    const create = ['str_replace_based_edit_tool', { command: 'create', path: '/workspace/src/lib/a.js' }];
    expect(await texts(['src/lib/'], reply(['bash', {}], create as [string, object]))).toEqual([]);
    expect(await texts(['src/lib/'], reply(['run_tests', {}]))).toEqual([]);
  });

  test('asks git about at most ten files, and counts the rest', async () => {
    const many = Array.from({ length: 25 }, (_, at) => `data/${at}.local`);
    expect((await texts(many))[1]).toMatch(/\ndata\/9\.local: [^\n]*\nand 15 more\n<\/data>$/);
    expect(asked.at(-1)).toHaveLength(10);
  });
});
