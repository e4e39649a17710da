import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';

/** A small repository with a test, no dependencies, and an issue's worth of work to do. */
export const greeter: Record<string, string> = {
  'package.json': `${JSON.stringify({ name: 'greeter', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/greet.js': "export function greet() {\n  return 'hello';\n}\n",
  'test/greet.test.js':
    "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { greet } from '../src/greet.js';\n\ntest('greets', () => {\n  assert.equal(greet(), 'hello');\n});\n",
};

const edit = 'str_replace_based_edit_tool';

export const addTest: [string, Record<string, unknown>] = [
  edit,
  {
    command: 'insert',
    path: 'test/greet.test.js',
    insert_line: 7,
    insert_text: "\ntest('greets by name', () => {\n  assert.equal(greet('Ada'), 'hello Ada');\n});\n",
  },
];

export const fixGreeting: [string, Record<string, unknown>] = [
  edit,
  {
    command: 'str_replace',
    path: 'src/greet.js',
    old_str: "greet() {\n  return 'hello';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's own text
    new_str: "greet(name) {\n  return name ? `hello ${name}` : 'hello';",
  },
];

export const submitGreeting: [string, Record<string, unknown>] = [
  'submit',
  {
    title: 'Greet by name',
    summary: 'greet() takes a name now; without one it says what it said before.',
    suggestions: ['Say good night as well.'],
  },
];

/** What a good developer does: look, see it fail, mend it, see it pass, submit. */
export const solveGreeting: ScriptedTurn[] = [
  {
    say: 'I look around first.',
    calls: [
      ['bash', { command: 'ls src test' }],
      [edit, { command: 'view', path: 'src/greet.js' }],
    ],
  },
  { expect: ['greet.js', "return 'hello'"], calls: [addTest, ['run_tests', {}]] },
  { expect: ['greets by name', '1 passed, 1 failed'], calls: [fixGreeting, ['run_tests', {}]] },
  { expect: ['2 passed, 0 failed'], calls: [submitGreeting] },
];
