import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';

/* Two small repositories for the agent to work on, and what the model says to solve their issue. */

type Files = Record<string, string>;
export type Call = [tool: string, input: Record<string, unknown>];

/** The smallest repository for a run: one file, nothing to install, no tests. */
export const minimalProject: Files = { 'greeting.txt': 'hello\n' };

/** The minimal project with settings and with `check.sh`, which can be its test command. */
export function minimalProjectWith(settings: string, files: Files = {}): Files {
  const check = 'grep --quiet hello greeting.txt\n';
  return { ...minimalProject, 'check.sh': check, '.github/pullwright.yml': `${settings}\n`, ...files };
}

export const submitGreeting: Call = [
  'submit',
  { title: 'Greet Ada', summary: 'The greeting says the name.' },
];

/** Creates a file with the editor. */
export const createFile = (path: string, file_text: string): Call => [
  'str_replace_based_edit_tool',
  { command: 'create', path, file_text },
];

/** One reply that runs a command and submits. */
export function runAndSubmit(command: string): ScriptedTurn[] {
  return [{ calls: [['bash', { command }], submitGreeting] }];
}

export const solveMinimalProject = runAndSubmit("echo 'hello Ada' > greeting.txt");

/**
 * A repository with a test and without dependencies. Its settings turn off what has journeys of its own
 * (`test/journeys/evidence/`), because it would run the tests many more times in each run.
 */
export const testedProject: Files = {
  '.github/pullwright.yml': 'coverage: false\nmutations: 0\n',
  'package.json': `${JSON.stringify({ name: 'greeter', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/greet.js': "export function greet() {\n  return 'hello';\n}\n",
  'test/greet.test.js':
    "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { greet } from '../src/greet.js';\n\ntest('greets', () => {\n  assert.equal(greet(), 'hello');\n});\n",
};

/** A module that runs a statement on the Postgres at DATABASE_URL, with the package `pg`. */
export const queryModule = `import pg from 'pg';
export async function query(text, values) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
`;

const edit = 'str_replace_based_edit_tool';

export const addTest: Call = [
  edit,
  {
    command: 'insert',
    path: 'test/greet.test.js',
    insert_line: 7,
    insert_text: "\ntest('greets by name', () => {\n  assert.equal(greet('Ada'), 'hello Ada');\n});\n",
  },
];

const fixGreeting: Call = [
  edit,
  {
    command: 'str_replace',
    path: 'src/greet.js',
    old_str: "greet() {\n  return 'hello';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the program
    new_str: "greet(name) {\n  return name ? `hello ${name}` : 'hello';",
  },
];

const submitTestedProject: Call = [
  'submit',
  {
    title: 'Greet by name',
    summary: 'greet() takes a name now; without one it says what it said before.',
    suggestions: ['Say good night as well.'],
  },
];

/** Look around, add a test and see it fail, fix the code and see it pass, submit. */
export const solveTestedProject: ScriptedTurn[] = [
  {
    say: 'I look around first.',
    calls: [
      ['bash', { command: 'ls src test' }],
      [edit, { command: 'view', path: 'src/greet.js' }],
    ],
  },
  { expect: ['greet.js', "return 'hello'"], calls: [addTest, ['run_tests', {}]] },
  {
    expect: ['greets by name', '1 passed, 1 failed', '(test/greet.test.js:10:'],
    calls: [fixGreeting, ['run_tests', {}]],
  },
  { expect: ['2 passed, 0 failed'], calls: [submitTestedProject] },
];
