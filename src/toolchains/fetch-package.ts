import path from 'node:path';
import { createNpmClient } from './npm-client.js';
import { openProgramStore, type ProgramStore } from './program-store.js';

/**
 * Returns the folder of a package on this machine, in the newest version of the range that the registry has.
 * All runs share the folder and must not change it. No install script has run. If the registry cannot be
 * reached, the newest version that the machine has is used.
 * @param range a range of npm. Prereleases count only if the range names one, as in `>=16.0.0-0`.
 * @throws Error when there is no such version, or the download fails
 */
export type FetchPackage = (name: string, range: string) => Promise<{ folder: string; version: string }>;

/** @param folder the folder for programs below `PULLWRIGHT_HOME`; it is created if it does not exist */
export function openMachineStore(folder: string): ProgramStore {
  return openProgramStore(folder, createNpmClient(path.join(folder, '.npm')));
}

export function createFetchPackage(store: ProgramStore): FetchPackage {
  return async (name, range) => {
    const { folder, version } = await store.get(name, range);
    return { folder, version };
  };
}
