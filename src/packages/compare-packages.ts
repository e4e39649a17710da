import type { Package, Packages } from '../evidence/evidence.js';
import type { LockedPackage, Requirements } from './ecosystem.js';
import { findEcosystem, type Trees } from './trees.js';

/** A package that a manifest adds, updates or removes. */
export type DirectChange = Pick<Package, 'name' | 'manifest' | 'from' | 'to' | 'dev'>;

/** Compares the packages of two trees. Reads only manifests and lockfiles. */
export async function comparePackages({
  base,
  change,
  changed,
}: Trees): Promise<{ direct: DirectChange[]; indirect: Packages['indirect'] }> {
  const [before, after] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  const manifests: { path: string; before: Requirements; after: Requirements }[] = [];
  for (const path of changed) {
    const ecosystem = findEcosystem(path);
    if (!ecosystem) continue;
    const [old, now] = [(await base.readFile(path)) ?? '', (await change.readFile(path)) ?? ''];
    if (ecosystem.lockfiles.test(path)) {
      collect(before, ecosystem.readLockfile(path, old));
      collect(after, ecosystem.readLockfile(path, now));
    } else
      manifests.push({
        path,
        before: ecosystem.readManifest(path, old),
        after: ecosystem.readManifest(path, now),
      });
  }
  const direct = manifests.flatMap(({ path, ...asked }) =>
    [...new Set([...asked.before.keys(), ...asked.after.keys()])].flatMap((name): DirectChange[] => {
      const [was, is] = [asked.before.get(name), asked.after.get(name)];
      const from = was ? (onlyVersion(before, name) ?? was.range) : null;
      const to = is ? (onlyVersion(after, name) ?? is.range) : null;
      if (was?.range === is?.range && from === to) return [];
      return [{ name, manifest: path, from, to, dev: (is ?? was)?.dev ?? false }];
    }),
  );
  const names = new Set(direct.map(({ name }) => name));
  return { direct, indirect: countIndirect(before, after, names) };
}

function collect(versions: Map<string, Set<string>>, packages: readonly LockedPackage[]): void {
  for (const { name, version } of packages)
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
}

function onlyVersion(versions: ReadonlyMap<string, Set<string>>, name: string): string | undefined {
  const [version, ...others] = versions.get(name) ?? [];
  return others.length === 0 ? version : undefined;
}

function countIndirect(
  before: ReadonlyMap<string, Set<string>>,
  after: ReadonlyMap<string, Set<string>>,
  direct: ReadonlySet<string>,
): Packages['indirect'] {
  const counts = { added: 0, updated: 0, removed: 0 };
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (direct.has(name)) continue;
    const [was, is] = [before.get(name), after.get(name)];
    if (!was) counts.added += 1;
    else if (!is) counts.removed += 1;
    else if ([...was].sort().join() !== [...is].sort().join()) counts.updated += 1;
  }
  return counts;
}
