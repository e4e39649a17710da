import { chmod, lstat, mkdir, readdir, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import semver from 'semver';
import { withLock } from './lock-file.js';
import type { NpmClient } from './npm-client.js';

/** A package of the npm registry that contains programs, on this machine. */
export interface Program {
  version: string;
  /** The folder of the package, such as `<root>/node_modules/npm`. */
  folder: string;
  /** The folder to mount. `bin` in it contains the links of `ProgramStore.get`. */
  root: string;
}

/** Names of programs, and the paths of their files in the package. */
export type Links = Readonly<Record<string, string>>;

/** Packages that this machine has downloaded. All runs share them. Nothing changes them. */
export interface ProgramStore {
  /** Returns the newest version in the range that this machine has; null if there is none. */
  find(name: string, range: string): Promise<Program | null>;
  /**
   * Returns the newest version in the range, and downloads it if this machine does not have it. If the
   * registry cannot be reached, returns what this machine has.
   * @param range a range of npm. Prereleases count only if the range names one, as in `>=16.0.0-0`.
   * @param links programs for the folder `bin`; always the same ones for a package
   * @throws Error when there is no version in the range, or the download fails
   */
  get(name: string, range: string, links?: Links): Promise<Program>;
}

/** Versions in a registry change seldom, so they are read only once in this time. */
const versionsAgeMs = 3_600_000;
/** What no run has used for this long is deleted when the next program is downloaded. */
const unusedAgeMs = 30 * 86_400_000;

/** @param folder the folder of the store; it is created if it does not exist */
export function openProgramStore(folder: string, npm: NpmClient, now = Date.now): ProgramStore {
  const lists = new Map<string, { at: number; versions: Promise<string[]> }>();
  const downloads = new Map<string, Promise<void>>();
  const rootOf = (name: string, version: string) => path.join(folder, `${escapeName(name)}@${version}`);

  const listVersions = (name: string): Promise<string[]> => {
    const known = lists.get(name);
    if (known && now() - known.at < versionsAgeMs) return known.versions;
    const versions = npm.listVersions(name);
    lists.set(name, { at: now(), versions });
    versions.catch(() => lists.delete(name));
    return versions;
  };
  const use = async (name: string, version: string): Promise<Program> => {
    const root = rootOf(name, version);
    await utimes(root, now() / 1000, now() / 1000);
    return { version, root, folder: path.join(root, 'node_modules', name) };
  };
  const download = (name: string, version: string, links: Links): Promise<void> => {
    const root = rootOf(name, version);
    const running = downloads.get(root);
    if (running) return running;
    const started = withLock(besides(root, '.lock'), async () => {
      if (await exists(root)) return;
      await build(npm, { name, version, links, root });
      await removeUnused(folder, now() - unusedAgeMs);
    }).finally(() => downloads.delete(root));
    downloads.set(root, started);
    return started;
  };

  const find: ProgramStore['find'] = async (name, range) => {
    const prefix = `${escapeName(name)}@`;
    const names = (await exists(folder)) ? await readdir(folder) : [];
    const versions = names.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    const version = newestIn(versions, range);
    return version === null ? null : use(name, version);
  };
  return {
    find,
    get: async (name, range, links = {}) => {
      await mkdir(folder, { recursive: true });
      if (semver.valid(range) !== null) {
        if (!(await exists(rootOf(name, range)))) await download(name, range, links);
        return use(name, range);
      }
      try {
        const version = newestIn(await listVersions(name), range);
        if (version === null) throw new Error(`the registry has no version ${range} of ${name}`);
        if (!(await exists(rootOf(name, version)))) await download(name, version, links);
        return await use(name, version);
      } catch (error) {
        const found = await find(name, range);
        if (found) return found;
        throw error;
      }
    },
  };
}

function newestIn(versions: readonly string[], range: string): string | null {
  const valid = versions.filter((version) => semver.valid(version) !== null);
  return semver.maxSatisfying(valid, range, { includePrerelease: /\d-[\da-z]/i.test(range) });
}

/** Builds a program beside its place and moves it there when it is complete. */
async function build(
  npm: NpmClient,
  { name, version, links, root }: { name: string; version: string; links: Links; root: string },
): Promise<void> {
  const folder = besides(root, '.new');
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'bin'), { recursive: true });
  await npm.install(name, version, folder);
  for (const [program, file] of Object.entries(links))
    await symlink(path.join('..', 'node_modules', name, file), path.join(folder, 'bin', program));
  await makeReadable(
    folder,
    new Set(Object.values(links).map((file) => path.join('node_modules', name, file))),
  );
  await rename(folder, root);
}

/** Lets every user read the files and nobody change them, whatever the umask is. */
async function makeReadable(root: string, programs: ReadonlySet<string>): Promise<void> {
  const visit = async (relative: string): Promise<void> => {
    const file = path.join(root, relative);
    const status = await lstat(file);
    if (status.isDirectory()) {
      for (const name of await readdir(file)) await visit(path.join(relative, name));
      await chmod(file, 0o755);
    } else if (status.isFile())
      await chmod(file, programs.has(relative) || (status.mode & 0o111) !== 0 ? 0o555 : 0o444);
  };
  await visit('');
}

/** Removes programs and locks that were last used before `time`. Other names have other owners. */
async function removeUnused(folder: string, time: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes('@')) continue;
    const file = path.join(folder, name);
    // Another download renames its folder when it is complete.
    const status = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (status && status.mtimeMs < time) await rm(file, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** Returns the path of a file or folder next to a program. The dot tells it apart from programs. */
function besides(root: string, ending: string): string {
  return path.join(path.dirname(root), `.${path.basename(root)}${ending}`);
}

/** Returns a package's name as the name of a folder. */
function escapeName(name: string): string {
  return name.replace('/', '+');
}
