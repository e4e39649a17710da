import { spawn } from 'node:child_process';

export interface GitOptions {
  input?: string | Buffer;
  env?: Record<string, string>;
  /** Exit codes that are an answer and no failure. */
  accept?: number[];
}

/** Nothing of the machine's or the user's settings, or of a surrounding git, gets in. */
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
 * @returns what it printed, to the byte
 * @throws Error with git's own words for any exit code that is not 0 or accepted
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
  // git may well be done before it has read everything; its exit code says whether that matters.
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
