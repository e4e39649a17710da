import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAgentFile, readAgents } from '../../src/task/agent-file.js';

const fixtures = path.join(import.meta.dirname, '..', 'fixtures', 'agents');

describe('parseAgentFile', () => {
  test('takes a description with bare colons in it, which is no YAML', () => {
    const file = path.join(fixtures, 'data-engineer.md');
    const agent = parseAgentFile(readFileSync(file, 'utf8'), file);
    expect(agent).toMatchObject({ name: 'data-engineer', model: 'sonnet', color: 'purple', tools: null });
    expect(agent.description).toMatch(/^Use this agent for pipelines.*<\/example>$/);
    expect(agent.prompt).toMatch(/^You are a data engineer\.\n/);
  });

  test.each([
    ['Bash, Read', ['Bash', 'Read']],
    ['[Bash, Read]', ['Bash', 'Read']],
    ['\n  - Bash\n  - Read', ['Bash', 'Read']],
  ])('reads tools written as %j', (written, tools) => {
    expect(
      parseAgentFile(`---\nname: a\ndescription: d\ntools: ${written}\n---\nwork`, 'a.md').tools,
    ).toEqual(tools);
    expect(
      parseAgentFile(
        `---\nname: a\ndescription: is: not YAML\ntools: ${written.trimStart().startsWith('-') ? written : 'Bash, Read'}\n---\nwork`,
        'a.md',
      ).tools,
    ).toEqual(tools);
  });

  test('takes inherit, and no model, for the operator’s', () => {
    expect(
      parseAgentFile('---\nname: a\ndescription: d\nmodel: inherit\n---\nwork', 'a.md').model,
    ).toBeNull();
    expect(parseAgentFile('---\r\nname: a\r\ndescription: d\r\n---\r\nwork\r\n', 'a.md')).toMatchObject({
      model: null,
      prompt: 'work',
    });
  });

  test.each([
    ['no frontmatter', 'work', 'a.md:1: expected frontmatter that begins with a line ---'],
    ['an open frontmatter', '---\nname: a\n', 'a.md:3: expected a line --- that ends the frontmatter'],
    ['no name', '---\ndescription: d\n---\nwork', 'a.md:1: name: expected a name; found none'],
    [
      'a bad name',
      '---\ndescription: d\nname: My Agent\n---\nwork',
      'a.md:3: name: expected a name of lower-case letters',
    ],
    ['no description', '---\nname: a\n---\nwork', 'description: expected a description'],
    ['no prompt', '---\nname: a\ndescription: d\n---\n\n', 'a.md:4: expected a system prompt'],
    [
      'no tool',
      '---\nname: a\ndescription: d\ntools: []\n---\nwork',
      'a.md:4: tools: expected at least one tool',
    ],
    [
      'a line that is nothing',
      '---\nname: a\ndescription: d: e\n@@@\n---\nwork',
      'a.md:4: expected `key: value`',
    ],
    ['another language', '---js\n{}\n---\nwork', 'a.md:1: expected frontmatter'],
    [
      'the same key twice',
      '---\nname: a\ndescription: d: e\nname: b\n---\nwork',
      'a.md:4: name: it stands here a second time',
    ],
  ])('rejects a file with %s, by file, line and reason', (_, text, message) => {
    // Twice: gray-matter caches what it could not parse.
    for (let again = 0; again < 2; again++) expect(() => parseAgentFile(text, 'a.md')).toThrow(message);
  });
});

describe('readAgents', () => {
  test('reads a folder', async () => {
    const { agents, faults } = await readAgents(fixtures);
    expect(faults).toEqual([]);
    expect(agents.map(({ name }) => name)).toEqual(['data-engineer']);
  });

  test('says when there is nothing', async () => {
    await expect(readAgents('/nowhere')).rejects.toThrow('there is nothing at /nowhere');
  });
});
