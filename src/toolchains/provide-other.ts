import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import semver from 'semver';
import type { Toolchain } from '../environment/environment.js';
import type { Installed } from './ask-machine.js';
import {
  describeFailure,
  describeMissing,
  displayNames,
  type Machine,
  mountProgram,
  nothing,
  type Provided,
} from './provided.js';
import { toRange } from './to-range.js';

/**
 * Provides the version of a toolchain other than Node that the repository asks for: one that this machine
 * has. Only Bun and Deno are in the npm registry.
 */
export async function provideOther(asked: Toolchain, machine: Machine): Promise<Provided> {
  const own = machine.installed.filter(({ name }) => name === asked.name);
  const range = toRange(asked, machine.now);
  const fitting = range === null ? null : choose(own, range);
  if (fitting?.isDefault) return nothing;
  if (fitting) return usePath(fitting, machine, programsOf(asked.name));
  const registry = packages[asked.name];
  if (range === null || !registry) return describeMissing(asked, machine, null);
  const { name, links } = registry(machine.arch);
  try {
    const { store, allowDownload } = machine;
    const program = allowDownload ? await store.get(name, range, links) : await store.find(name, range);
    if (!program) return describeMissing(asked, machine, null);
    const sentence = `${displayNames[asked.name]} ${program.version} from the npm registry.`;
    const { root: _, ...given } = mountProgram(program, asked.name, sentence);
    return given;
  } catch (error) {
    return describeMissing(asked, machine, `It could not be downloaded: ${describeFailure(error)}`);
  }
}

/** Packages of the npm registry that contain a program for every processor of an architecture. */
const packages: Partial<
  Record<Toolchain['name'], (arch: string) => { name: string; links: Record<string, string> }>
> = {
  bun: (arch) => ({
    name: arch === 'arm64' ? '@oven/bun-linux-aarch64' : '@oven/bun-linux-x64-baseline',
    links: { bun: 'bin/bun', bunx: 'bin/bun' },
  }),
  deno: (arch) => ({ name: `@deno/linux-${arch}-glibc`, links: { deno: 'deno' } }),
};

/** The names by which commands start a toolchain. */
function programsOf(name: Toolchain['name']): string[] {
  return name === 'python' ? ['python', 'python3'] : name === 'rust' ? ['rustc'] : [name];
}

/** Chooses the default if it fits, otherwise the newest version that fits. */
export function choose(installed: readonly Installed[], range: string): Installed | null {
  const fitting = installed
    .filter(({ version }) => semver.satisfies(version, range))
    .sort((one, other) => semver.rcompare(one.version, other.version));
  return fitting.find(({ isDefault }) => isDefault) ?? fitting[0] ?? null;
}

/** Folders with programs of many kinds. They must not come first on PATH. */
const sharedFolder = /^(?:\/usr(?:\/local)?)?\/s?bin$/;

/**
 * Puts a program of this machine first on PATH, under the names by which commands start it.
 * @param programs the first one is the name that the program has in a folder of its own
 */
export async function usePath(
  found: Installed,
  machine: Machine,
  programs: readonly string[],
): Promise<Provided> {
  const label = found.name === 'npm' ? 'npm' : displayNames[found.name];
  const given = { ...nothing, provided: [`${label} ${found.version} of this server.`] };
  const folder = path.posix.dirname(found.path);
  const home = path.posix.dirname(folder);
  const variables: Record<string, string> = found.name === 'java' ? { JAVA_HOME: home } : {};
  const hasOwnName = programs.includes(path.posix.basename(found.path));
  if (hasOwnName && !sharedFolder.test(folder)) return { ...given, path: [folder], variables };
  const name = `${found.name}-${found.version}`;
  const from = path.join(machine.linkFolder, name);
  await mkdir(from, { recursive: true });
  for (const program of programs)
    await symlink(found.path, path.join(from, program)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  const to = `/opt/pullwright/links/${name}`;
  return { ...given, mounts: [{ from, to, writable: false }], path: [to], variables };
}
