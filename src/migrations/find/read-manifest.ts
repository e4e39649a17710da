/** The parts of a package.json that say which tools a project uses. */
interface Manifest {
  scripts?: Record<string, unknown>;
  dependencies?: Record<string, unknown>;
  devDependencies?: Record<string, unknown>;
}

/** Reads a package.json. A broken one asks for nothing. */
export function readManifest(text: string | null): Manifest {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    const maps = ['scripts', 'dependencies', 'devDependencies'].map((name) => {
      const map: unknown = (value as Record<string, unknown>)[name];
      return [name, typeof map === 'object' && map !== null ? map : {}];
    });
    return Object.fromEntries(maps) as Manifest;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
