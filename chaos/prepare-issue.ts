import {
  addTest,
  minimalProject,
  solveTestedProject,
  submitGreeting,
  testedProject,
} from '../test/support/sample-projects.js';
import type { ChaosIssue } from './chaos-issue.js';
import type { ChaosWorld } from './start-chaos-world.js';

/** Creates a repository that `ada` can write to. */
export async function prepareRepository(
  { github }: ChaosWorld,
  name: string,
  kind: 'plain' | 'tested',
): Promise<void> {
  await github.createRepository(name, { files: kind === 'plain' ? minimalProject : testedProject });
  github.setRole(name, 'ada', 'write');
}

/**
 * Opens an issue for a run of three turns without tests. The second turn reads a file that the first turn
 * wrote. If the app is killed between these turns, the run can continue only from a restored checkpoint.
 */
export async function preparePlainIssue(
  { github, model }: ChaosWorld,
  name: string,
  count: number,
): Promise<ChaosIssue> {
  const title = `Greet Ada for the ${count}th time`;
  const file = `greeting-${count}.txt`;
  const turns = [
    { calls: [['bash', { command: `echo 'hello ${count}' >> ${file}` }]] },
    { calls: [['bash', { command: `cat ${file}` }]] },
    { expect: [`hello ${count}`], calls: [submitGreeting] },
  ] satisfies Parameters<typeof model.script>[0]['turns'];
  model.script({ when: title, turns });
  const number = await github.openIssue(name, { title, body: 'By name, please.', author: 'ada' });
  return { name, number, title, turns: turns.length, changed: { [file]: `hello ${count}\n` } };
}

/**
 * Opens an issue for a run of five turns. The agent and the workflow both run tests, and the first submission
 * returns, so that every step of the workflow has work to do.
 */
export async function prepareTestedIssue(
  { github, model }: ChaosWorld,
  name: string,
  count: number,
): Promise<ChaosIssue> {
  const title = `Greet by name, for the ${count}th time`;
  const submission = solveTestedProject.at(-1)?.calls ?? [];
  const replace = (from: string, to: string): [string, { command: string }] => [
    'bash',
    { command: `sed -i "s/: '${from}'/: '${to}'/" src/greet.js` },
  ];
  const turns = [
    ...solveTestedProject.slice(0, -1),
    { calls: [replace('hello', 'bye'), ...submission] },
    { expect: ['Not accepted yet: 1 test fails'], calls: [replace('bye', 'hello'), ...submission] },
  ];
  model.script({ when: title, turns });
  const number = await github.openIssue(name, {
    title,
    body: 'greet(name) should say the name.',
    author: 'ada',
  });
  const changed = {
    'src/greet.js':
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is a program
      "export function greet(name) {\n  return name ? `hello ${name}` : 'hello';\n}\n",
    'test/greet.test.js': `${testedProject['test/greet.test.js']}${addTest[1].insert_text}`,
  };
  return { name, number, title, turns: turns.length, changed };
}
