import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { LocalGitHub } from '../local-github.js';

const Role = z.enum(['admin', 'maintain', 'write', 'triage', 'read', 'none']);

const SeedIssue = z.strictObject({
  title: z.string().min(1),
  body: z.string().optional(),
  /** Login of the person who opens the issue. */
  author: z.string(),
  labels: z.array(z.string()).default([]),
});

const SeedRepository = z.strictObject({
  private: z.boolean().optional(),
  defaultBranch: z.string().optional(),
  /** Path of a git repository or a plain folder to import, relative to the seed file. */
  from: z.string().optional(),
  /** Maps each path to its text. */
  files: z.record(z.string(), z.string()).optional(),
  /** Maps each login to a role. */
  roles: z.record(z.string(), Role).default({}),
  issues: z.array(SeedIssue).default([]),
});

/** The people, repositories and issues that exist when a local GitHub starts. */
export const Seed = z.strictObject({
  /** Logins of people without a role in any repository. */
  people: z.array(z.string()).default([]),
  /** Maps each `owner/name` to the description of the repository. */
  repositories: z.record(z.string(), SeedRepository).default({}),
});
export type Seed = z.infer<typeof Seed>;

/** Name of the seed file in a seed folder. */
const seedFileName = 'seed.yml';

/**
 * Reads a seed file, or the `seed.yml` in a folder.
 * @returns the seed with absolute paths
 * @throws Error with the file's name and the reason when the seed is missing or invalid
 */
export async function readSeed(fileOrFolder: string): Promise<Seed> {
  const file = (await isFolder(fileOrFolder)) ? path.join(fileOrFolder, seedFileName) : fileOrFolder;
  try {
    const seed = Seed.parse(parse(await readFile(file, 'utf8')));
    for (const repository of Object.values(seed.repositories))
      if (repository.from) repository.from = path.resolve(path.dirname(file), repository.from);
    return seed;
  } catch (error) {
    if (error instanceof z.ZodError) throw new Error(`${file} is not a seed:\n${z.prettifyError(error)}`);
    if (error instanceof YAMLParseError) throw new Error(`${file}: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(`expected a seed at ${file}; there is no such file`);
    throw error;
  }
}

/** Creates everything that the seed describes. If a webhook is set, the App receives the events. */
export async function applySeed(github: LocalGitHub, { people, repositories }: Seed): Promise<void> {
  for (const login of people) github.addUser(login);
  for (const [name, { roles, issues, ...options }] of Object.entries(repositories)) {
    await github.createRepository(name, options);
    for (const [login, role] of Object.entries(roles)) github.setRole(name, login, role);
    for (const { labels, ...issue } of issues) {
      const number = await github.openIssue(name, issue);
      for (const label of labels) await github.label(name, number, label, issue.author);
    }
  }
}

async function isFolder(file: string): Promise<boolean> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found?.isDirectory() ?? false;
}
