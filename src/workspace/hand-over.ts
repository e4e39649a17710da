import type { Command } from '../sandbox/sandbox.js';

/** Linux takes 128 kB in one argument, and 2 MB in all of them with the environment. */
const maxArgumentBytes = 100_000;

/** What bash is started with, behind its name and its options. */
export interface HandedOver {
  words: string[];
  /** What has to be where the words say that it is; null: nothing, all of it is in the words. */
  content: string | null;
}

/**
 * Hands a script and its arguments to bash: as words while the kernel takes them, else in a file. Not always in a file,
 * since bash then says of an error no more in which line it is.
 * @param from what bash finds the content at, as a redirection: `&6`, or a path
 */
export function handOver({ script, args = [] }: Pick<Command, 'script' | 'args'>, from: string): HandedOver {
  const parts = [script, ...args];
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 1, 0);
  if (bytes <= maxArgumentBytes) return { words: ['-c', script, 'bash', ...args], content: null };
  return { words: ['-c', orphanRecovery(from), 'bash'], content: parts.map((part) => `${part}\0`).join('') };
}

/** Commands get no descriptor and no variable of ours. */
const orphanRecovery = (from: string) => `mapfile -d '' -t 0<${from}
${from.startsWith('&') ? `exec ${from.slice(1)}<&-` : ''}
set -- "\${MAPFILE[@]}"
unset MAPFILE
eval "shift; $1"`;
