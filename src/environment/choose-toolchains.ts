import semver from 'semver';
import type { Toolchain } from './environment.js';
import type { Files } from './open-files.js';
import { asMap, asText } from './values.js';

/**
 * Chooses one version of each toolchain. Earlier lists take precedence.
 * @param settled versions that nothing overrules, such as those of the settings
 * @param fromCi versions of CI. One that the engines of the package.json exclude does not count.
 */
export function chooseToolchains(
  settled: readonly Toolchain[],
  fromCi: readonly Toolchain[],
  fromFiles: readonly Toolchain[],
  engines: string | null,
): { toolchains: Toolchain[]; unclear: string[] } {
  const unclear: string[] = [];
  const chosen = new Map<string, Toolchain>();
  const isExcluded = ({ name, version }: Toolchain) => name === 'node' && !fitsRange(version, engines);
  const replacements = fromFiles.filter((one) => !isExcluded(one));
  for (const one of [...settled, ...fromCi, ...fromFiles]) {
    if (chosen.has(one.name)) continue;
    const other = replacements.find(({ name }) => name === one.name);
    if (isExcluded(one) && fromCi.includes(one) && other) {
      unclear.push(
        `${one.source} asks for Node ${one.version}, but the engines of package.json for ${engines}; ${other.version} from ${other.source} was chosen.`,
      );
      chosen.set(other.name, other);
    } else chosen.set(one.name, one);
  }
  return { toolchains: [...chosen.values()], unclear };
}

/** Returns whether a version may satisfy a range. An alias such as `lts/*` may. */
function fitsRange(version: string, range: string | null): boolean {
  if (range === null || !semver.validRange(range) || !semver.validRange(version)) return true;
  return semver.intersects(version, range);
}

/** The versions of Node that the package.json accepts; null if it names none. */
export async function readNodeRange(files: Files): Promise<string | null> {
  const { engines } = asMap(await files.json('package.json'));
  return asText(asMap(engines).node);
}
