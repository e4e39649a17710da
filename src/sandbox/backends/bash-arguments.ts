/**
 * Maximum size of a script with its arguments on the command line. Linux accepts 128 KiB per argument, and 2
 * MiB for all arguments and environment variables together.
 */
const maxArgumentBytes = 100_000;

/** Arguments of `bash -c`. Their order is `script`, the word `bash`, then `args`. */
export interface BashArguments {
  script: string;
  args: readonly string[];
  /** Content of the file that `script` reads. Null when everything fits on the command line. */
  fileContent: string | null;
}

/**
 * Builds the arguments with which bash runs a script. The script and its own arguments go on the command line
 * if they are short enough, because bash reports the line numbers of errors only in that case. Otherwise they
 * go into a file.
 * @param redirection source from which bash reads the file: a descriptor such as `&6`, or a path
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
 * Returns a bash script that reads the original script and its arguments from a file, and then runs the
 * original script with these arguments. The original script gets no extra descriptor or variable.
 */
const loadScript = (redirection: string) => `mapfile -d '' -t 0<${redirection}
${redirection.startsWith('&') ? `exec ${redirection.slice(1)}<&-` : ''}
set -- "\${MAPFILE[@]}"
unset MAPFILE
eval "shift; $1"`;
