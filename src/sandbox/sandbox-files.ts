import { randomBytes } from 'node:crypto';
import { openSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { relay } from './sandbox-environment.js';

export type SandboxFile = 'passwd' | 'group' | 'hosts' | 'nsswitch' | 'gitconfig' | 'relay';

/**
 * Writes the small files that every sandbox is given instead of the machine's.
 * @param uid that the user `agent` has inside
 * @returns where they are
 */
export async function writeSandboxFiles(folder: string, uid: number): Promise<Record<SandboxFile, string>> {
  const contents: Record<SandboxFile, string> = {
    passwd: `agent:x:${uid}:${uid}:agent:/home/agent:/bin/bash\n`,
    group: `agent:x:${uid}:\n`,
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    nsswitch: 'passwd: files\ngroup: files\nhosts: files\n',
    // upload-pack of a local clone reads this file only, no environment: the mirror belongs to another user.
    gitconfig:
      '[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[user]\n\tname = agent\n\temail = agent@localhost\n',
    relay,
  };
  for (const part of [folder, path.join(folder, 'proxies'), path.join(folder, 'arguments')]) {
    await mkdir(part, { recursive: true });
    await chmod(part, 0o711);
  }
  const files = {} as Record<SandboxFile, string>;
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    await writeFile(file, content, { mode: 0o644 });
    files[name as SandboxFile] = file;
  }
  return files;
}

/**
 * A file that is read by its descriptor only, and gone with it: for what must not stand on a command line, or is too long
 * for one.
 * @returns the descriptor, at the file's beginning; the caller closes it
 */
export function openNameless(folder: string, content: string): number {
  const file = path.join(folder, randomBytes(6).toString('hex'));
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  try {
    return openSync(file, 'r+');
  } finally {
    rmSync(file);
  }
}
