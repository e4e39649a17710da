import { randomBytes } from 'node:crypto';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
import { InputError, type Task } from '../task.js';
import { composeCheat } from './cheat.js';

/** Known solutions for the scripted model: the merged fix, a change that fixes nothing, and a fraud. */
export const replays = ['right', 'wrong', 'cheat'] as const;
export type Replay = (typeof replays)[number];

/** Composes the replies with which the scripted model plays a solution. */
export function composeReplay(task: Task, replay: Replay): ScriptedTurn[] {
  if (task.patch.trim() === '')
    throw new InputError(`${task.instance_id}: patch: expected the merged fix, for a replay; found nothing`);
  const submit: ScriptedTurn['calls'] = [
    ['submit', { title: 'Resolve the issue', summary: `A replay of a ${replay} solution.` }],
  ];
  const command = {
    right: () => applyPatch(task.patch),
    wrong: () => addComment(task),
    cheat: () => composeCheat(task),
  };
  // Submitted work can come back twice. The same content then counts as intended.
  return [
    { calls: [['bash', { command: command[replay]() }]] },
    { calls: submit },
    { calls: submit },
    { calls: submit },
  ];
}

/** Applies a patch without its workflows, which Pullwright never pushes. */
function applyPatch(patch: string): string {
  const end = `patch-${randomBytes(6).toString('hex')}`;
  // A line with only a space at the end is part of the patch.
  const text = patch.replace(/\n$/, '');
  return `git apply --whitespace=nowarn --exclude='.github/workflows/*' - <<'${end}'\n${text}\n${end}`;
}

/** Changes the file that the merged fix changes, but not what it does. */
function addComment(task: Task): string {
  const file = findSource(task);
  const comment = /\.(py|rb|sh)$/.test(file) ? '# Looked at for the issue.' : '// Looked at for the issue.';
  return `printf '\\n%s\\n' '${comment}' >> '${file}'`;
}

/** Returns the first source file that the merged fix changes. */
export function findSource({ instance_id, patch }: Task): string {
  const files = [...patch.matchAll(/^\+\+\+ b\/(.+?)\t?$/gm)].map(([, file = '']) => file);
  const source = files.find((file) => /\.([cm]?[jt]sx?|py|rb|go|rs|java|php)$/.test(file));
  if (!source) throw new InputError(`${instance_id}: patch: expected a change of source code for a replay`);
  return source;
}
