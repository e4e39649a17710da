/** Linux accepts 128 KiB per argument, and 2 MiB for all arguments together with the environment. */
const maxArgumentBytes = 100_000;

/** Arguments for `bash -c`, in order: `script`, `bash`, then `args`. */
export interface BashArguments {
  script: string;
  args: readonly string[];
  /** Content of the file that `script` reads; null when the arguments hold everything. */
  fileContent: string | null;
}

/**
 * Passes a script and its arguments to bash: on the command line while the kernel accepts that, else in a
 * file. The command line comes first because bash reports the line number of an error only there.
 * @param redirection where bash finds the file: a descriptor such as `&6`, or a path
 */
export function buildBashArguments(
  { script, args }: { script: string; args: readonly string[] },
  redirection: string,
): BashArguments {
  const parts = [script, ...args];
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 1, 0);
  if (bytes <= maxArgumentBytes) return { script, args, fileContent: null };
  const fileContent = parts.map((part) => `${part}\0`).join('');
  return { script: loadScript(redirection), args: [], fileContent };
}

/**
 * Reads the script and its arguments from the file. It leaves no descriptor and no variable to the script.
 */
const loadScript = (redirection: string) => `mapfile -d '' -t 0<${redirection}
${redirection.startsWith('&') ? `exec ${redirection.slice(1)}<&-` : ''}
set -- "\${MAPFILE[@]}"
unset MAPFILE
eval "shift; $1"`;
