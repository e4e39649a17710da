import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCgroups } from '../../../src/sandbox/limits/cgroups.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const limits = { memoryBytes: 1000, processes: 10 };
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder.remove());

/** Creates folders like those of the kernel. These tests check what is read and written there. */
async function createHierarchy(
  groups: Record<string, { controllers?: string; procs?: string; isRoot?: boolean }>,
  own: string,
) {
  const mount = path.join(folder.path, 'cgroup');
  for (const [name, { controllers = 'cpu memory pids', procs = '', isRoot }] of Object.entries(groups)) {
    const group = path.join(mount, name);
    await mkdir(group, { recursive: true });
    await writeFile(path.join(group, 'cgroup.controllers'), `${controllers}\n`);
    await writeFile(path.join(group, 'cgroup.subtree_control'), '');
    await writeFile(path.join(group, 'cgroup.procs'), procs);
    if (!isRoot) await writeFile(path.join(group, 'cgroup.type'), 'domain\n');
  }
  const proc = path.join(folder.path, 'proc');
  await mkdir(proc);
  await writeFile(
    path.join(proc, 'mountinfo'),
    `30 23 0:26 / ${mount} rw,nosuid shared:9 - cgroup2 cgroup2 rw\n`,
  );
  await writeFile(path.join(proc, 'cgroup'), `4:memory:/x\n0::${own}\n`);
  return { mount, proc };
}

describe('openCgroups', () => {
  test('root creates groups below the root of the hierarchy, with the limits of a command', async () => {
    const { mount, proc } = await createHierarchy({ '': { isRoot: true }, pullwright: {} }, '/user.slice');
    const cgroups = await openCgroups(limits, { proc, isRoot: true });
    if ('unavailable' in cgroups) throw new Error(cgroups.unavailable);
    expect(await readFile(path.join(mount, 'pullwright', 'cgroup.subtree_control'), 'utf8')).toBe(
      '+memory +pids +cpu',
    );
    expect(await readFile(path.join(mount, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids');
    const { folder: made } = await cgroups.open();
    expect(path.dirname(made)).toBe(path.join(mount, 'pullwright'));
    for (const [file, value] of [
      ['memory.max', '1000'],
      ['memory.oom.group', '1'],
      ['pids.max', '10'],
    ] as const)
      expect(await readFile(path.join(made, file), 'utf8')).toBe(value);
  });

  test('other users create delegated groups, after moving this process into a subgroup', async () => {
    const { mount, proc } = await createHierarchy(
      { '': { isRoot: true, procs: '1\n' }, 'a.service': { procs: `${process.pid}\n` } },
      '/a.service',
    );
    const cgroups = await openCgroups(limits, { proc, isRoot: false });
    expect(cgroups).not.toHaveProperty('unavailable');
    expect(await readFile(path.join(mount, 'a.service', 'service', 'cgroup.procs'), 'utf8')).toBe(
      String(process.pid),
    );
  });

  test.each([
    [
      'a group with processes of others',
      { 'a.service': { procs: '1\n' } },
      /contains processes of other programs/,
    ],
    [
      'a group without the controllers',
      { 'a.service': { controllers: 'cpu', procs: `${process.pid}\n` } },
      /no controller for memory and pids/,
    ],
  ])('%s cannot be used, and the reason is given', async (_, groups, reason) => {
    const { proc } = await createHierarchy({ '': { isRoot: true, procs: '1\n' }, ...groups }, '/a.service');
    expect(await openCgroups(limits, { proc, isRoot: false })).toEqual({
      unavailable: expect.stringMatching(reason),
    });
  });

  test('the groups of this machine limit a command', async () => {
    const cgroups = await openCgroups({ memoryBytes: 64 * 1024 * 1024, processes: 20 });
    if ('unavailable' in cgroups) {
      console.log(`skipped, cgroup v2 is not available: ${cgroups.unavailable}`);
      return;
    }
    const group = await cgroups.open();
    expect(await readFile(path.join(group.folder, 'pids.max'), 'utf8')).toBe('20\n');
    const weight = path.join(group.folder, 'cpu.weight');
    expect(existsSync(weight) ? await readFile(weight, 'utf8') : '10\n').toBe('10\n');
    expect(await group.close()).toBeNull();
  });
});
