import { describe, expect, test } from '@jest/globals';
import { selectTools } from '../../../src/agent/tools/select-tools.js';
import type { ToolContext } from '../../../src/agent/tools/tool.js';

const namesOf = (tools: string[] | null) => selectTools(tools).map(({ name }) => name);

describe('selectTools', () => {
  test('grants all tools, each once and in a fixed order, if the file names none', () => {
    const work = ['bash', 'str_replace_based_edit_tool', 'search', 'run_tests', 'add_dependency'];
    const all = [...work, 'ask_question', 'submit'];
    expect(namesOf(null)).toEqual(all);
    expect(namesOf(['Read', 'Grep', 'Edit', 'Bash'])).toEqual(all);
  });

  test("understands Claude Code's names and always grants the tools that end the work", () => {
    expect(namesOf(['Grep', 'WebFetch'])).toEqual(['search', 'ask_question', 'submit']);
    expect(namesOf(['Bash(git diff:*)'])).toEqual(['ask_question', 'submit']);
  });

  test('lets an agent that may only read view files and change none', async () => {
    const [editor] = selectTools(['Read']);
    const edit = { command: 'create', path: 'a', file_text: 'x' };
    expect(await editor?.call(edit, {} as ToolContext)).toMatchObject({
      ok: false,
      text: expect.stringContaining('may not change files'),
    });
  });
});
