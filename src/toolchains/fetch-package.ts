import path from 'node:path';
import { createNpmClient } from './npm-client.js';
import { openProgramStore, type ProgramStore } from './program-store.js';

/** @param folder the folder for programs below `PULLWRIGHT_HOME`; it is created if it does not exist */
export function openMachineStore(folder: string): ProgramStore {
  return openProgramStore(folder, createNpmClient(path.join(folder, '.npm')));
}
