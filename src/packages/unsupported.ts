import type { Change } from '../workspace/workspace.js';
import { findEcosystem, openProject, type Trees } from './trees.js';

/** Files that name packages of package managers that Pullwright cannot use on a change. */
const unsupported: readonly [files: RegExp, manager: string][] = [
  [/(?:^|\/)(?:pdm|Pipfile)\.lock$/, 'PDM and Pipenv'],
  [/(?:^|\/)(?:bun\.lockb?|deno\.lock)$/, 'Bun and Deno'],
];

/** Says for which changed files the measurements use the packages of the base commit. */
export async function describeUnsupported(
  changes: readonly Pick<Change, 'path'>[],
  trees: Pick<Trees, 'base' | 'change'>,
): Promise<string[]> {
  const notes = unsupported.flatMap(([files, manager]) => {
    const found = changes.find(({ path }) => files.test(path));
    return found ? [describe(found.path, `with ${manager}`)] : [];
  });
  for (const { path } of changes) {
    if (!trees.change.files.has(path)) continue;
    const texts = await Promise.all([trees.base.readFile(path), trees.change.readFile(path)]);
    const [before, after] = texts.map((text) => text ?? '');
    if (findEcosystem(path)?.hasSamePackages(path, before ?? '', after ?? '') !== false) continue;
    if (!(await openProject(trees, path)))
      return [
        ...notes,
        describe(
          path,
          'of this file, because it is new, or because the set-up uses a lockfile or packages from other places than the registry',
        ),
      ];
  }
  return notes;
}

function describe(path: string, packages: string): string {
  return `This change edits ${path}. Pullwright cannot install changed packages ${packages}, so it tested the change with the packages of the base commit.`;
}
