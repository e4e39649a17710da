import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Thrown if a package that a provider needs is not installed. The message tells the operator what to do. */
export class MissingSdkError extends Error {
  override name = 'MissingSdkError';
}

/**
 * Loads the package of a provider. These packages are optional, because most operators need none of them.
 * @param load imports the package
 * @throws MissingSdkError
 */
export async function importSdk<Sdk>(
  name: string,
  version: string,
  setting: string,
  load: () => Promise<Sdk>,
): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new MissingSdkError(
      `${setting} needs the package ${name}, which is not installed; ` +
        `install it with: npm install --save-prod ${name}@${version}`,
    );
  }
}

/** Loads a package that another package depends on. It can be inside the folder of the other package. */
export function importFrom(owner: string, name: string): Promise<unknown> {
  const ownerFile = createRequire(import.meta.url).resolve(owner);
  return import(pathToFileURL(createRequire(ownerFile).resolve(name)).href);
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') &&
    error.message.includes(name)
  );
}
