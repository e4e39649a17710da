/** The toolchains whose versions a repository can ask for. */
export const toolchainNames = [
  'node',
  'python',
  'go',
  'java',
  'ruby',
  'php',
  'rust',
  'dotnet',
  'bun',
  'deno',
] as const;
