import path from 'node:path';

/** The environment of every command. It contains nothing from this process's own environment. */
export const baseEnvironment = {
  // The home comes first: it has what set-up installed, such as a package manager or a Python environment.
  PATH: '/home/agent/.local/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/agent',
  USER: 'agent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  // Keeps tools from asking questions and from watching files.
  CI: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

/**
 * Puts folders with toolchains into PATH, after the home and before /usr.
 * @returns {} when there are no such folders
 */
export function pathWithTools(folders: readonly string[]): { PATH?: string } {
  if (folders.length === 0) return {};
  const [home, ...rest] = baseEnvironment.PATH.split(':');
  const tools = folders.flatMap((folder) => [path.join(folder, 'bin'), folder]);
  return { PATH: [home, ...tools, ...rest].join(':') };
}
