import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAgentFile, readAgents } from '../../src/task/agent-file.js';

const fixtures = path.join(import.meta.dirname, '..', 'fixtures', 'agents');

const fields = 'name: a\ndescription: d\n';

describe('parseAgentFile', () => {
  test('accepts a description that contains ": " and so is not YAML', () => {
    const file = path.join(fixtures, 'data-engineer.md');
    const agent = parseAgentFile(readFileSync(file, 'utf8'), file);
    expect(agent).toMatchObject({ name: 'data-engineer', model: 'sonnet', color: 'purple', tools: null });
    expect(agent.description).toMatch(/^Use this agent for pipelines.*<\/example>$/);
    expect(agent.prompt).toMatch(/^You are a data engineer\.\n/);
  });

  test('reads a value that is not YAML as plain text, with its indented lines', () => {
    const text = '---\nname: a\ndescription: first: line\n  and "a second\ncolor: red # warm\n---\nwork';
    expect(parseAgentFile(text, 'a.md')).toMatchObject({
      description: 'first: line and "a second',
      color: 'red',
    });
  });

  test.each([
    ['Bash, Read', ['Bash', 'Read']],
    ['[Bash, Read]', ['Bash', 'Read']],
    ['\n  - Bash\n  - Read', ['Bash', 'Read']],
  ])('reads tools written as %j, whether or not the file is strict YAML', (written, tools) => {
    for (const description of ['d', 'is: not YAML']) {
      const text = `---\nname: a\ndescription: ${description}\ntools: ${written}\n---\nwork`;
      expect(parseAgentFile(text, 'a.md').tools).toEqual(tools);
    }
  });

  test('leaves the model to the operator when it is absent or "inherit"', () => {
    expect(parseAgentFile(`---\n${fields}model: inherit\n---\nwork`, 'a.md').model).toBeNull();
    expect(parseAgentFile('---\r\nname: a\r\ndescription: d\r\n---\r\nwork\r\n', 'a.md')).toMatchObject({
      model: null,
      prompt: 'work',
    });
  });

  test.each([
    ['no frontmatter', 'work', 'a.md:1: expected YAML frontmatter after a line `---`; found "work"'],
    ['an open frontmatter', '---\nname: a\n', 'a.md:3: expected a line `---` at the end of the frontmatter'],
    ['no name', '---\ndescription: d\n---\nwork', 'a.md:1: name: expected a name; found none'],
    [
      'a bad name',
      '---\ndescription: d\nname: My Agent\n---\nwork',
      'a.md:3: name: expected a name of lower-case letters, digits and hyphens; found "My Agent"',
    ],
    ['no description', '---\nname: a\n---\nwork', 'description: expected a description'],
    ['no prompt', `---\n${fields}---\n\n`, 'a.md:4: expected a system prompt'],
    ['no tool', `---\n${fields}tools: []\n---\nwork`, 'a.md:4: tools: expected at least one tool'],
    [
      'a map of tools',
      `---\n${fields}tools: {a: b}\n---\nwork`,
      'a.md:4: tools: expected a list of tool names',
    ],
    [
      'a list of fields',
      '---\n- name\n---\nwork',
      'a.md:1: expected fields such as `name: backend-developer`',
    ],
    [
      'a line that is no field',
      '---\nname: a\ndescription: d: e\n@@@\n---\nwork',
      'a.md:4: expected YAML such as `key: value`; Plain value cannot start with reserved character @',
    ],
    [
      'the same field twice',
      '---\nname: a\ndescription: d: e\nname: b\n---\nwork',
      'a.md:4: expected YAML such as `key: value`; Map keys must be unique',
    ],
    [
      'lists that are nested too deeply',
      `---\n${fields}a: ${'['.repeat(100_000)}\n---\nwork`,
      'a.md:1: expected plain YAML; it is nested too deeply',
    ],
    [
      'many aliases of an anchor',
      `---\n${fields}a: &a [x]\nb: [${Array(30).fill('*a').join(',')}]\n---\nwork`,
      'a.md:1: expected plain YAML; Excessive alias count',
    ],
  ])('rejects a file with %s, naming the file, the line and the reason', (_, text, message) => {
    // Twice, because gray-matter caches files that it could not parse.
    for (let again = 0; again < 2; again++) expect(() => parseAgentFile(text, 'a.md')).toThrow(message);
  });

  test.each(['js', ' javascript', '\tjs', 'json', 'toml', 'coffee'])(
    'rejects frontmatter in another language ("%s") and evaluates none of it',
    (language) => {
      const text = `---${language}\n(globalThis.evaluated = true)\n---\nwork`;
      expect(() => parseAgentFile(text, 'a.md')).toThrow('a.md:1: expected YAML frontmatter');
      expect(globalThis).not.toHaveProperty('evaluated');
    },
  );
});

describe('readAgents', () => {
  test('reads every agent file of a folder', async () => {
    const { agents, faults } = await readAgents(fixtures);
    expect(faults).toEqual([]);
    expect(agents.map(({ name }) => name)).toEqual(['data-engineer']);
  });

  test('rejects a path that does not exist', async () => {
    await expect(readAgents('/nowhere')).rejects.toThrow('/nowhere does not exist');
  });
});
