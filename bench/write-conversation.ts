import type { ScriptedTurn } from '../scripted-model/scripted-model.js';
import { createRandom } from './random.js';

/** A repository, and what the model does in it. */
export interface BenchTask {
  files: Record<string, string>;
  body: string;
  turns: ScriptedTurn[];
}

type Call = [string, Record<string, unknown>];

/*
 * What an agent does, by number of calls before `submit`: R reads, E edits, T runs the tests; a word is a turn. Reads
 * that do not depend on each other share a turn, and so do a test and its code or an edit and the tests after it; what
 * needs an answer first stands alone. 1.7, 1.5 and 1.5 calls in a turn.
 */
const plans: Record<number, string> = {
  5: 'RR EE T',
  20: 'RRR RR R ET R RR E T RR EE T R T',
  60: 'RRR RRR RR R ET R RR E T RR EE T R ET RR R E T RRR R E T RR R ET R RR E T R EE T RR R T RR E T RR T',
};

/*
 * Sizes of what is read: from 0.2 to 30 kB (a view's line numbers add to that), half of them below 4 kB, one in eight
 * above 20. They follow from what is known of the floor: 1,000 tokens of fixed prompt cost 0.22 of it on 5 calls, 0.05 on
 * 20, 0.02 on 60. Such a token costs 1.25 + 0.1 x calls, so the floors are about 8,000, 65,000 and 360,000 input tokens'
 * worth, and that takes outputs of some 11, 90 and 300 kB in all. Edits and tests answer in a few bytes; what is read has
 * to come to 7.5 kB on average.
 */
const sizeOf = (rank: number) => Math.round(200 + 29_800 * rank ** 3);

const edit = 'str_replace_based_edit_tool';

/** @param calls 5, 20 or 60 */
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

/** Evenly over the ranks, in an order by chance. */
function drawSizes(reads: number, random: () => number): number[] {
  const sizes = Array.from({ length: reads }, (_, index) => sizeOf((index + 0.5) / reads));
  for (let at = sizes.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [sizes[at], sizes[other]] = [sizes[other] ?? 0, sizes[at] ?? 0];
  }
  return sizes;
}

/** With the shell and the editor in turn. */
function writeRead(index: number, path: string): Call {
  if (index % 2 === 0) return ['bash', { command: `sed -n '1,900p' ${path}` }];
  return [edit, { command: 'view', path }];
}

/** A test first, then the code that it asks for, and so on. */
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

/** Text that looks like code, of about so many bytes. */
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
test('rule ${step} holds for a quantity', () => {
  assert.equal(orders.rule${step}({ quantity: ${step + 1} }), ${step * (step + 1)});
});

test('rule ${step} refuses a quantity below zero', () => {
  assert.throws(() => orders.rule${step}({ quantity: -1 }), RangeError);
});
`;

const codeOf = (step: number) => `/** Rule ${step}: what an order of so many items is worth. */
export function rule${step}({ quantity }) {
  if (!Number.isInteger(quantity) || quantity < 0) {
    throw new RangeError(\`quantity: expected a whole number of 0 or more; found \${quantity}\`);
  }
  return quantity * ${step};
}
`;

const baseFiles = {
  'package.json': `${JSON.stringify({ name: 'orders', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/orders.js':
    "/** Says whether an order can still be changed. */\nexport function isOpen({ status }) {\n  return status === 'open';\n}\n",
  'test/orders.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport * as orders from '../src/orders.js';\n\ntest('an open order can be changed', () => {\n  assert.equal(orders.isOpen({ status: 'open' }), true);\n});\n",
};

const issue = `Orders are priced wrongly when they hold more than one item of a kind: the price of one is taken, whatever the quantity is.

Expected: every rule in src/orders.js takes the quantity into account, and refuses what is no whole number of 0 or more with a RangeError that names the field. The rules are numbered; the parts in src/ show how they are called, and the names must stay as they are there.

Please add tests for each rule, for a usual quantity and for a wrong one. Nothing else has to change.`;

const sayings = [
  'I look at the code and its tests first.',
  'The rule is missing here; I follow how the other parts are called.',
  'Now I check what depends on it before I change anything.',
  'That is consistent with the other parts.',
];

const submission = {
  title: 'Take the quantity into account in every rule',
  summary:
    'Every rule multiplies by the quantity now and refuses quantities that are no whole number of 0 or more with a RangeError. Each has a test for a usual quantity and for a wrong one. The names are those that the parts use already.',
};
