import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeSandboxFolder } from './bubblewrap.js';
import type { Sandboxes } from './sandbox.js';

/** The sandbox cannot be had on this machine; the message names what is in the way and the remedy. */
export class SandboxUnavailable extends Error {
  override name = 'SandboxUnavailable';
}

/**
 * Runs one command in a sandbox, before anything is served: no sandbox, no service.
 * @throws SandboxUnavailable
 */
export async function testSandbox(sandboxes: Sandboxes, folder: string): Promise<void> {
  const tree = path.join(folder, 'self-test');
  await mkdir(folder, { recursive: true });
  await makeSandboxFolder(tree, sandboxes.uid);
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  try {
    const script =
      'echo ready > file && cat file && git --version && ! (echo > /dev/tcp/127.0.0.1/9) 2>/dev/null';
    const { exitCode, stdout, output } = await sandbox.execute({ script, timeoutMs: 10_000 });
    if (exitCode === 0 && stdout.startsWith('ready')) return;
    throw new SandboxUnavailable(explain(output));
  } catch (error) {
    if (error instanceof SandboxUnavailable) throw error;
    throw new SandboxUnavailable(explain(error instanceof Error ? error.message : String(error)));
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

function explain(output: string): string {
  const text = output.trim().slice(0, 400);
  if (
    /ENOENT|execvp|No such file or directory: 'bwrap'|failed to execute (?:bwrap|setpriv|prlimit)/i.test(text)
  )
    return `the sandbox needs bubblewrap and util-linux: install them with your package manager (apt-get install bubblewrap util-linux) (${text})`;
  if (
    /setting up uid map|No permissions to create new namespace|Creating new namespace failed|Operation not permitted/i.test(
      text,
    )
  )
    return `this system refuses user namespaces to bubblewrap. On Ubuntu 24.04 and later, give /usr/bin/bwrap an AppArmor profile with \`userns,\` (see docs/configuration.md); elsewhere set the sysctl kernel.unprivileged_userns_clone=1; in a container, see docs/configuration.md (${text})`;
  if (/Can't (?:find|mkdir|bind)|Permission denied/i.test(text))
    return `the sandbox's user cannot reach PULLWRIGHT_HOME: every folder above it has to be passable for others (chmod o+x), or choose another place (${text})`;
  return `a command in the sandbox failed: ${text || 'it said nothing'}`;
}
