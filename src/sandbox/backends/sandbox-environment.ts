import path from 'node:path';

/** The environment of every command. It contains nothing from Pullwright's own environment. */
export const baseEnvironment = {
  // The home folder comes first, because setup commands install tools there.
  PATH: '/home/agent/.local/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/agent',
  USER: 'agent',
  // Some programs only start other programs through a shell that they know by this name.
  SHELL: '/bin/bash',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  // With CI set, tools ask no questions and do not watch files.
  CI: '1',
  GIT_OPTIONAL_LOCKS: '0',
  // A shim of Corepack starts the version that it has, and neither asks nor downloads another one.
  COREPACK_ENABLE_STRICT: '0',
  COREPACK_ENABLE_PROJECT_SPEC: '0',
  COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
};

/**
 * Adds the folders of toolchains to PATH, after the home folder and before /usr.
 * @returns {} when there are no folders
 */
export function pathWithTools(folders: readonly string[]): { PATH?: string } {
  if (folders.length === 0) return {};
  const tools = folders.flatMap((folder) => [path.join(folder, 'bin'), folder]);
  return { PATH: putFirst(tools, baseEnvironment.PATH) };
}

/** Adds folders to the value of PATH, after the folder of the home folder and before all others. */
export function putFirst(folders: readonly string[], PATH: string): string {
  const [home, ...rest] = PATH.split(':');
  return [home, ...folders, ...rest].join(':');
}
