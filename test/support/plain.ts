import type { ScriptedTurn } from './scripted-model/conversation.js';

/** The smallest repository that a run can be had on: one file, and a test that tells by its exit code. */
export const plain: Record<string, string> = {
  'greeting.txt': 'hello\n',
  'check.sh': 'grep --quiet hello greeting.txt\n',
  '.github/pullwright.yml': 'setup: []\ntest: sh check.sh\n',
};

/** `plain` with further settings. */
export function plainWith(settings: string, files: Record<string, string> = {}): Record<string, string> {
  return { ...plain, '.github/pullwright.yml': `setup: []\n${settings}\n`, ...files };
}

export const submitPlain: [string, Record<string, unknown>] = [
  'submit',
  { title: 'Greet Ada', summary: 'The greeting says the name.' },
];

/** One reply that does what a script says, and submits. */
export function doAndSubmit(command: string): ScriptedTurn[] {
  return [{ calls: [['bash', { command }], submitPlain] }];
}

export const solvePlain = doAndSubmit("echo 'hello Ada' > greeting.txt");
