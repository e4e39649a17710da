import { expect, test } from '@jest/globals';
import { readRepositoryAgents } from '../../src/task/repository-agents.js';

const file = (name: string, more = '') =>
  `---\nname: ${name}\ndescription: does ${name} things\n${more}---\nWork well.\n`;
const read = (files: Record<string, string>, tools: string[] | null = null) =>
  readRepositoryAgents(Object.keys(files), async (path) => files[path] ?? null, tools, ['backend-developer']);

test('agent files are read from the three known folders, and from nowhere else', async () => {
  const { agents } = await read({
    '.claude/agents/one.md': file('one'),
    '.github/agents/two.md': file('two'),
    '.agents/agents/three.md': file('three'),
    '.claude/agents/README.md': 'words',
    '.claude/agents/deep/four.md': file('four'),
    'docs/agents/five.md': file('five'),
  });
  expect(agents.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
});

test('a repository agent replaces no agent of the operator and no earlier one of its name', async () => {
  const { agents } = await read({
    '.claude/agents/a.md': file('backend-developer'),
    '.claude/agents/b.md': file('one'),
    '.github/agents/c.md': file('one'),
  });
  expect(agents.map(({ source }) => source)).toEqual(['.claude/agents/b.md']);
});

test('a repository agent gets only tools that the operator allows', async () => {
  const { agents } = await read(
    {
      '.claude/agents/a.md': file('one', 'tools: Read, Bash\n'),
      '.claude/agents/b.md': file('two'),
    },
    ['read', 'Grep'],
  );
  expect(agents.map(({ tools }) => tools)).toEqual([['Read'], ['read', 'Grep']]);
});

test('a broken agent file is reported with its line, and the other files are still read', async () => {
  const { agents, faults } = await read({
    '.claude/agents/a.md': 'no frontmatter',
    '.claude/agents/b.md': file('one'),
  });
  expect(agents).toHaveLength(1);
  expect(faults[0]).toMatch(/^\.claude\/agents\/a\.md:1: expected YAML frontmatter/);
});

test('a repository agent keeps the tools of the MCP servers that it requests, next to the allowed tools', async () => {
  const { agents } = await read(
    {
      '.claude/agents/a.md': file(
        'one',
        'tools: Bash, Read, mcp__tracker__search, other/x\nmcpServers: [tracker]\n',
      ),
      '.claude/agents/b.md': file('two', 'mcpServers: [tracker]\n'),
    },
    ['Read'],
  );
  expect(agents.map(({ tools, fromRepository }) => ({ tools, fromRepository }))).toEqual([
    { tools: ['Read', 'mcp__tracker__search'], fromRepository: true },
    { tools: ['Read', 'mcp__tracker'], fromRepository: true },
  ]);
});
