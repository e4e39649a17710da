import type { ScriptedTurn } from '../scripted-model/scripted-model.js';
import { createRandom } from './random.js';

/** The files of a repository, the text of an issue, and the model's turns. */
export interface BenchTask {
  files: Record<string, string>;
  body: string;
  turns: ScriptedTurn[];
}

type Call = [string, Record<string, unknown>];

/*
 * Plans of the agent's turns. The key of a plan is the number of calls before `submit`. Each word is a turn.
 * R reads a file, E edits a file, and T runs the tests. Calls share a turn if they do not depend on each
 * other's results, such as several reads or an edit and the tests after it. Other calls have separate turns.
 * A turn has 1.7 calls on average in the first plan, and 1.5 in the others.
 */
const plans: Record<number, string> = {
  5: 'RR EE T',
  20: 'RRR RR R ET R RR E T RR EE T R T',
  60: 'RRR RRR RR R ET R RR E T RR EE T R ET RR R E T RRR R E T RR R ET R RR E T R EE T RR R T RR E T RR T',
};

/*
 * Sizes of the files that the agent reads: 0.2 to 30 kB, half of them below 4 kB, one in eight above 20 kB.
 * Edits and tests return only a few bytes. With 5, 20 and 60 calls, the outputs have about 11, 90 and 300 kB.
 */
const sizeOf = (rank: number) => Math.round(200 + 29_800 * rank ** 3);

const edit = 'str_replace_based_edit_tool';

/**
 * Writes a repository and a scripted conversation about it.
 * @param calls 5, 20 or 60
 */
export function writeConversation(calls: number, seed = 7): BenchTask {
  const plan = plans[calls]?.split(' ');
  if (!plan)
    throw new Error(`writeConversation: expected ${Object.keys(plans).join(', ')} calls; found ${calls}`);
  const random = createRandom(seed + calls);
  const sizes = drawSizes(plan.join('').split('R').length - 1, random);
  const files: Record<string, string> = { ...baseFiles };
  let reads = 0;
  let edits = 0;
  const turns = plan.map((turn, index): ScriptedTurn => {
    const made = [...turn].map((kind): Call => {
      if (kind === 'T') return ['run_tests', {}];
      if (kind === 'E') return writeEdit(edits++);
      const path = `src/part-${String(reads + 1).padStart(2, '0')}.js`;
      files[path] = writeCode(sizes[reads] ?? 0, random);
      return writeRead(reads++, path);
    });
    return { say: sayings[index % sayings.length] ?? '', calls: made };
  });
  return { files, body: issue, turns: [...turns, { calls: [['submit', submission]] }] };
}

/** Returns one file size for each read, in random order. The sizes have the distribution of `sizeOf`. */
function drawSizes(reads: number, random: () => number): number[] {
  const sizes = Array.from({ length: reads }, (_, index) => sizeOf((index + 0.5) / reads));
  for (let index = sizes.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [sizes[index], sizes[other]] = [sizes[other] ?? 0, sizes[index] ?? 0];
  }
  return sizes;
}

/** Returns a call that reads a file. Every second read uses the shell, and the others use the editor. */
function writeRead(index: number, path: string): Call {
  if (index % 2 === 0) return ['bash', { command: `sed -n '1,900p' ${path}` }];
  return [edit, { command: 'view', path }];
}

/** Returns a call that edits a file. Edits alternate between a test and the code that the test needs. */
function writeEdit(index: number): Call {
  const step = Math.floor(index / 2) + 1;
  return index % 2 === 0
    ? [edit, { command: 'insert', path: 'test/orders.test.js', insert_line: 3, insert_text: testOf(step) }]
    : [edit, { command: 'insert', path: 'src/orders.js', insert_line: 0, insert_text: codeOf(step) }];
}

const words =
  'order item price total customer stock discount amount status query row result entry cache limit'.split(
    ' ',
  );

/** Returns text that looks like code. */
function writeCode(bytes: number, random: () => number): string {
  const word = () => words[Math.floor(random() * words.length)] ?? 'value';
  let text = '';
  while (text.length < bytes) {
    const [name, from, method] = [word(), word(), word()];
    text +=
      random() < 0.2
        ? `\nexport function ${method}Of${name}(${from}) {\n`
        : random() < 0.2
          ? `  if (${from}.${method} === null) return '${name}';\n}\n`
          : `  const ${name} = await ${from}.find('${method}', { ${word()}: ${Math.floor(random() * 1000)} });\n`;
  }
  return text.slice(0, bytes);
}

const testOf = (step: number) => `
test('rule ${step} takes the quantity into account', () => {
  assert.equal(orders.rule${step}({ quantity: ${step + 1} }), ${step * (step + 1)});
});

test('rule ${step} rejects a negative quantity', () => {
  assert.throws(() => orders.rule${step}({ quantity: -1 }), RangeError);
});
`;

const codeOf = (step: number) => `/** Rule ${step}: returns the value of an order of this quantity. */
export function rule${step}({ quantity }) {
  if (!Number.isInteger(quantity) || quantity < 0) {
    throw new RangeError(\`quantity: expected a whole number from 0; found \${quantity}\`);
  }
  return quantity * ${step};
}
`;

const baseFiles = {
  'package.json': `${JSON.stringify({ name: 'orders', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/orders.js':
    "/** Whether an order can still be changed. */\nexport function isOpen({ status }) {\n  return status === 'open';\n}\n",
  'test/orders.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport * as orders from '../src/orders.js';\n\ntest('an open order can be changed', () => {\n  assert.equal(orders.isOpen({ status: 'open' }), true);\n});\n",
};

const issue = `Orders with more than one item of a kind have a wrong price: the price of one item is charged, whatever the quantity is.

Expected: every rule in src/orders.js takes the quantity into account. If the quantity is not a whole number from 0, the rule throws a RangeError that names the field. The rules are numbered. The files in src/ show how they are called; their names must not change.

Please add tests for each rule, for a usual quantity and for an invalid one. Nothing else has to change.`;

const sayings = [
  "I'll look at the code and its tests first.",
  "The rule is missing here. I'll follow the way the others are called.",
  "Before I change anything, I'll check what depends on it.",
  'That is consistent with the other files.',
];

const submission = {
  title: 'Take the quantity into account in every rule',
  summary:
    'Every rule now multiplies by the quantity and throws a RangeError if the quantity is not a whole number from 0. Each rule has a test for a usual quantity and for an invalid one. The names stay as they are.',
};
