import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** Folders with toolchains outside of /usr, as the setting of the server names them. */
export const toolPaths = (process.env.SANDBOX_TOOL_PATHS ?? '').split(',').filter(Boolean);

/** Where the commands of a sandbox look for programs. */
const PATH = [...toolPaths.map((folder) => path.join(folder, 'bin')), '/usr/local/bin:/usr/bin:/bin'].join(
  ':',
);

/**
 * Runs a program that the sandboxes of tests have as well.
 * @param cwd also its home. Without it, the home is one in which not even root can create anything: programs
 *   like `go version` write there
 * @returns its output
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { stdin = '', cwd, env = {} }: { stdin?: string; cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const options = {
    env: { PATH, HOME: cwd ?? '/dev/null', ...env },
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd && { cwd }),
  };
  const running = promisify(execFile)('/usr/bin/env', [program, ...args], options);
  if (stdin !== '') running.child.stdin?.end(stdin);
  return (await running).stdout;
}

/** Returns why a test cannot use these programs on this machine; null if it can. */
export async function explainMissing(programs: readonly string[]): Promise<string | null> {
  for (const program of programs) {
    const found = await runTool(program, ['--version']).catch(() => null);
    if (found === null) return `${program} is not in /usr and not in SANDBOX_TOOL_PATHS`;
  }
  return null;
}
