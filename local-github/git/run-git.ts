import { spawn } from 'node:child_process';

export interface GitOptions {
  input?: string | Buffer;
  env?: Record<string, string>;
  /** Exit codes other than 0 that are not failures. */
  accept?: number[];
}

/**
 * Returns environment variables for git. With them, git ignores the settings of the machine, of the user and
 * of a parent git process.
 */
export function gitEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/**
 * Runs git in a bare repository.
 * @returns the standard output as bytes
 * @throws Error with git's error output when the exit code is neither 0 nor in `accept`
 */
export async function runGit(folder: string, args: string[], options: GitOptions = {}): Promise<Buffer> {
  const child = spawn('git', ['--git-dir', folder, ...args], {
    env: { ...gitEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Git can exit before it has read all of its input. Ignore the write error, because the exit code shows
  // whether git failed.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await ended;
  if (code !== 0 && !options.accept?.includes(code ?? -1))
    throw new Error(`git ${args.join(' ')} in ${folder}: exit code ${code}: ${Buffer.concat(err)}`);
  return Buffer.concat(out);
}

export async function gitText(folder: string, args: string[], options: GitOptions = {}): Promise<string> {
  return (await runGit(folder, args, options)).toString('utf8');
}
