import semver from 'semver';
import { z } from 'zod';

const Engine = z.object({ name: z.string(), version: z.string().optional().catch(undefined) });

/** The fields of a package.json that ask for a package manager. */
export const PackageManagerFields = z.object({
  packageManager: z.string().optional().catch(undefined),
  engines: z.record(z.string(), z.unknown()).optional().catch(undefined),
  devEngines: z
    .object({
      packageManager: z
        .union([Engine, z.array(Engine)])
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type PackageManagerFields = z.infer<typeof PackageManagerFields>;

export const managerNames = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type ManagerName = (typeof managerNames)[number];

/** A package manager that the package.json asks for. */
export interface Wish {
  name: ManagerName;
  /** An exact version or a range; null if every version fits. */
  version: string | null;
}

/** Reads the package manager that a package.json names; null if it names none. */
export function readWish({ packageManager = '', devEngines }: PackageManagerFields): Wish | null {
  // The pattern ignores a checksum, as in `pnpm@9.1.0+sha512.…`. This checksum belongs to a different
  // distribution from the one that we install.
  const [, named, version] = /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+[\w.-]*)/.exec(packageManager) ?? [];
  if (named && semver.valid(version)) return { name: named as ManagerName, version: version as string };
  const [asked] = [devEngines?.packageManager ?? []].flat();
  const name = managerNames.find((one) => one === asked?.name);
  return name ? { name, version: rangeOf(asked?.version) } : null;
}

/** Reads the versions of a package manager that the field `engines` allows; null if it allows all. */
export function readEngine({ engines }: PackageManagerFields, name: ManagerName): string | null {
  return rangeOf(engines?.[name]);
}

function rangeOf(value: unknown): string | null {
  if (typeof value !== 'string' || semver.validRange(value) === null) return null;
  const range = new semver.Range(value).range;
  return range === '' || range === '*' ? null : range;
}
