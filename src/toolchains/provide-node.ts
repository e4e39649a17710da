import semver from 'semver';
import type { Toolchain } from '../environment/environment.js';
import type { Installed } from './ask-machine.js';
import { listLtsMajors, npmMajorOf, wantsNewest } from './node-releases.js';
import type { Program } from './program-store.js';
import { choose, usePath } from './provide-other.js';
import {
  describeFailure,
  describeMissing,
  join,
  type Machine,
  mountProgram,
  nothing,
  type Provided,
} from './provided.js';
import { toRange } from './to-range.js';

/**
 * Provides the version of Node that the repository asks for: the machine's own if it fits, otherwise the one
 * in the npm registry. The package there contains the headers, but no npm.
 * @param asked null if the repository asks for no version
 */
export async function provideNode(asked: Toolchain | null, machine: Machine): Promise<Provided> {
  const own = machine.installed.filter(({ name }) => name === 'node');
  const plainNode = own.find(({ isDefault }) => isDefault) ?? null;
  if (asked === null) return { ...nothing, variables: headersOf(plainNode) };
  const range = toRange(asked, machine.now);
  const keep = (given: Provided) => ({
    ...given,
    variables: { ...headersOf(plainNode), ...given.variables },
  });
  if (range === null)
    return keep(describeMissing(asked, machine, 'This name of a release is not known to Pullwright'));
  const fitting = choose(own, range);
  if (fitting && !(wantsNewest(asked.version) && machine.allowDownload)) return useOwn(fitting, machine);
  const { program, cause } = await getNode(range, machine);
  if (program) return useProgram(program, asked, machine);
  return fitting ? useOwn(fitting, machine) : keep(describeMissing(asked, machine, cause));
}

/** Names the folder with the headers, so that node-gyp downloads none. */
function headersOf(node: Installed | null): Record<string, string> {
  return node?.detail ? { npm_config_nodedir: node.detail } : {};
}

async function useOwn(node: Installed, machine: Machine): Promise<Provided> {
  const headers = { ...nothing, variables: headersOf(node) };
  if (node.isDefault) return headers;
  const used = await usePath(node, machine, ['node']);
  return join([used, headers, await provideNpm(node.version, machine)]);
}

async function useProgram(program: Program, asked: Toolchain, machine: Machine): Promise<Provided> {
  const { version } = program;
  const isExact = semver.valid(semver.clean(asked.version)) !== null;
  const other =
    isExact && semver.clean(asked.version) !== version ? ', the nearest that the registry has' : '';
  const node = mountProgram(program, 'node', `Node ${version} from the npm registry${other}.`);
  const { root, ...given } = node;
  const headers = { npm_config_nodedir: `${root}/node_modules/${packageOf(machine)}` };
  return join([{ ...given, variables: headers }, await provideNpm(version, machine)]);
}

/**
 * Finds a program of the store. An open range such as `>=18` gets the newest release with long-term support
 * that fits.
 */
async function getNode(
  range: string,
  machine: Machine,
): Promise<{ program: Program; cause: null } | { program: null; cause: string | null }> {
  const { store, allowDownload, now } = machine;
  const name = packageOf(machine);
  const ranges = range === '*' ? ['*'] : preferLts(range, now);
  let cause: string | null = null;
  for (const one of ranges)
    try {
      const links = { node: 'bin/node' };
      const program = allowDownload ? await store.get(name, one, links) : await store.find(name, one);
      if (program) return { program, cause: null };
    } catch (error) {
      cause ??= `Another version could not be downloaded: ${describeFailure(error)}`;
    }
  return { program: null, cause };
}

/** Splits a range: first its parts with long-term support, the newest first, and then the whole. */
function preferLts(range: string, now: Date): string[] {
  const exact = semver.valid(range);
  if (exact !== null) return [exact, `${semver.major(exact)}.x`];
  const parts = listLtsMajors(now)
    .filter((major) => semver.intersects(range, `${major}.x`))
    .map((major) =>
      range
        .split('||')
        .map((part) => `${part.trim()} ${major}.x`)
        .join(' || '),
    );
  return [...parts, range];
}

function packageOf({ arch }: Machine): string {
  return `node-linux-${arch}`;
}

/** Provides the npm that came with a version of Node, unless the machine's npm supports that version. */
async function provideNpm(nodeVersion: string, machine: Machine): Promise<Provided> {
  const own = machine.installed.find(({ name }) => name === 'npm');
  if (own?.detail && semver.satisfies(nodeVersion, own.detail)) return nothing;
  const { store, allowDownload } = machine;
  const range = `${npmMajorOf(semver.major(nodeVersion))}.x`;
  const links = { npm: 'bin/npm-cli.js', npx: 'bin/npx-cli.js' };
  const sentence = `npm ${range} for Node ${nodeVersion}`;
  try {
    const program = allowDownload ? await store.get('npm', range, links) : await store.find('npm', range);
    if (!program)
      return { ...nothing, missing: [`${sentence} is not on this server, and set-up has no network.`] };
    const { root: _, ...given } = mountProgram(
      program,
      'npm',
      `npm ${program.version} from the npm registry.`,
    );
    return given;
  } catch (error) {
    return { ...nothing, missing: [`${sentence} could not be downloaded: ${describeFailure(error)}.`] };
  }
}
