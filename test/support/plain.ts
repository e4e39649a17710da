import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';

/** The smallest repository that a run can be had on: one file, nothing to install, no tests. */
export const plain: Record<string, string> = { 'greeting.txt': 'hello\n' };

/** `plain` with settings, and a check that can be set as its test and tells by its exit code. */
export function plainWith(settings: string, files: Record<string, string> = {}): Record<string, string> {
  const check = 'grep --quiet hello greeting.txt\n';
  return { ...plain, 'check.sh': check, '.github/pullwright.yml': `${settings}\n`, ...files };
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
