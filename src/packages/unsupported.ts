import type { Change } from '../workspace/workspace.js';

/** Files that name packages of package managers that Pullwright cannot use on a change. */
const unsupported: readonly [files: RegExp, manager: string][] = [
  [/(?:^|\/)(?:[\w-]*requirements[\w-]*\.txt|requirements\/[\w-]+\.txt)$/, 'pip'],
  [/(?:^|\/)(?:uv|poetry|pdm|Pipfile)\.lock$/, 'Python package managers with a lockfile'],
  [/(?:^|\/)go\.(?:mod|sum)$/, 'Go'],
  [/(?:^|\/)Cargo\.lock$/, 'Cargo'],
  [/(?:^|\/)(?:Gemfile|Gemfile\.lock)$/, 'Bundler'],
  [/(?:^|\/)composer\.lock$/, 'Composer'],
  [/(?:^|\/)(?:bun\.lockb?|deno\.lock)$/, 'Bun and Deno'],
];

/** Says for which changed files the measurements use the packages of the base commit. */
export function describeUnsupported(changes: readonly Pick<Change, 'path'>[]): string[] {
  return unsupported.flatMap(([files, manager]) => {
    const found = changes.find(({ path }) => files.test(path));
    return found
      ? [
          `This change edits ${found.path}. Pullwright cannot install changed packages with ${manager}, so it tested the change with the packages of the base commit.`,
        ]
      : [];
  });
}
