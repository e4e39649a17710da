import { describe, expect, test } from '@jest/globals';
import { findTouchedPaths } from '../../src/agent/folder-instructions.js';
import type { Reply } from '../../src/model/model.js';
import { listInstructionPaths, readRepositoryInstructions } from '../../src/task/repository-instructions.js';

const touchedBy = (name: string, input: object) =>
  findTouchedPaths({ content: [{ type: 'tool_use', name, input }] as unknown as Reply['content'] });

describe('findTouchedPaths', () => {
  test.each<[string, object, string[]]>([
    ['str_replace_based_edit_tool', { command: 'view', path: '/workspace/a/b.ts' }, ['a/b.ts']],
    ['search', { pattern: 'x', path: 'a' }, ['a']],
    ['bash', { command: 'cd "api" && cat ../web/x.ts /workspace/lib/y' }, ['api', '../web/x.ts', 'lib/y']],
    ['bash', { command: 'npm test' }, []],
    ['run_tests', {}, []],
  ])('finds the paths in a call of %s with %j', (name, input, expected) => {
    expect(touchedBy(name, input)).toEqual(expected);
  });
});

describe('listInstructionPaths', () => {
  test('lists the folders from the outermost to the innermost, each once', () => {
    expect(listInstructionPaths(['a/b/c.ts', './a/d.ts'])).toEqual([
      ...['a/AGENTS.md', 'a/CLAUDE.md', 'a/b/AGENTS.md', 'a/b/CLAUDE.md'],
      ...['a/b/c.ts/AGENTS.md', 'a/b/c.ts/CLAUDE.md', 'a/d.ts/AGENTS.md', 'a/d.ts/CLAUDE.md'],
    ]);
  });

  test('never leaves the repository and never lists its root', () => {
    expect(listInstructionPaths(['../etc/passwd', '/', '.', ''])).toEqual([]);
  });
});

test('the instructions at the root are read at the start, and those of folders are named', async () => {
  const texts: Record<string, string> = {
    'AGENTS.md': 'Be kind.',
    'CLAUDE.md': '@AGENTS.md',
    'CONTRIBUTING.md': 'x'.repeat(13_000),
    'api/AGENTS.md': 'Use tabs.',
    'web/CLAUDE.md': 'Use spaces.',
  };
  const read = async (file: string) => texts[file] ?? null;
  const found = await readRepositoryInstructions(
    [...Object.keys(texts), 'api/x.ts'],
    read,
    'Change api/x.ts',
  );
  expect(found).toEqual([
    { path: 'AGENTS.md', text: 'Be kind.' },
    {
      path: 'CONTRIBUTING.md',
      text: expect.stringMatching(/^x{12000}\n\[truncated; full text: CONTRIBUTING\.md\]$/),
    },
    { path: 'api/AGENTS.md', text: 'Use tabs.' },
    { path: 'more instruction files', text: expect.stringMatching(/: web\/CLAUDE\.md$/) },
  ]);
});
