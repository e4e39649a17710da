import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { preloadProgram, relayProgram } from '../egress/relay.js';

export type SandboxFile = 'passwd' | 'group' | 'hosts' | 'nsswitch' | 'gitconfig' | 'relay' | 'preload';

/** Host paths of small files that every sandbox gets in place of the host's own files. */
export type SandboxFiles = Record<SandboxFile, string>;

/**
 * Returns the content of a sandbox's /etc/hosts. The host name of the sandbox itself resolves, too.
 * @param names addresses of further names
 */
export function renderHosts(names: Readonly<Record<string, string>>): string {
  const further = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
  return ['127.0.0.1 localhost sandbox\n', '::1 localhost\n', ...further].join('');
}

/** @param uid numeric id of the user `agent` in the sandbox */
export async function writeSandboxFiles(folder: string, uid: number): Promise<SandboxFiles> {
  const contents: Record<SandboxFile, string> = {
    passwd: `agent:x:${uid}:${uid}:agent:/home/agent:/bin/bash\n`,
    group: `agent:x:${uid}:\n`,
    hosts: renderHosts({}),
    nsswitch: 'passwd: files\ngroup: files\nhosts: files\n',
    // The git mirror belongs to another user, and git refuses such a repository without safe.directory. For a
    // local clone, git's upload-pack reads safe.directory only from this file.
    gitconfig:
      '[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[user]\n\tname = agent\n\temail = agent@localhost\n',
    relay: relayProgram,
    preload: preloadProgram,
  };
  for (const part of [folder, socketFolder(folder), argumentFolder(folder)]) {
    await mkdir(part, { recursive: true });
    await chmod(part, 0o711);
  }
  const files = {} as SandboxFiles;
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    await writeFile(file, content, { mode: 0o644 });
    files[name as SandboxFile] = file;
  }
  return files;
}

/** Returns the folder of the proxies' sockets. */
export const socketFolder = (folder: string): string => path.join(folder, 'proxies');

/** Returns the folder for files that hold scripts and arguments in place of a command line. */
export const argumentFolder = (folder: string): string => path.join(folder, 'arguments');
