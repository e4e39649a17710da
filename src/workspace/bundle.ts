import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RunEndedError } from '../runs/outcome.js';
import { hostGit } from './host-git.js';

const maxBundleBytes = 64 * 1024 * 1024;

/** The one file that the host takes out of a sandbox: a plain file, no link, of bounded size. */
export async function readBundle(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error('the checkpoint is not a plain file');
    if (facts.size > maxBundleBytes)
      throw new RunEndedError({
        kind: 'failed',
        reason: `the change is too large: ${Math.round(facts.size / 1048576)} MB packed, and ${maxBundleBytes / 1048576} MB is the limit; are build outputs missing in .gitignore?`,
      });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Takes a bundle's objects over, each checked (fsck): not `git bundle unbundle`, which checks none. */
export async function importBundle(
  store: { gitDir: string; alternates: string[] },
  bundle: Buffer,
): Promise<void> {
  const header = bundle.indexOf('\n\n');
  if (!bundle.subarray(0, 20).toString('latin1').startsWith('# v') || header < 0)
    throw new Error('the checkpoint is not a git bundle');
  const git = hostGit({ ...store, input: bundle.subarray(header + 2) });
  try {
    await git.raw('index-pack', '--strict', '--fix-thin', '--stdin');
  } catch (error) {
    const said = /error: object [0-9a-f]+: (\w+: .*)/.exec(String(error))?.[1];
    if (!said) throw error;
    throw new RunEndedError({ kind: 'failed', reason: `the change holds what git refuses (${said})` });
  }
}
