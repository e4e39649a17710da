import * as outputs from './outputs.js';
import type { Queryable } from './queryable.js';

export interface OutputStore {
  save(runId: string, name: string, gzip: Buffer): Promise<void>;
  list(runId: string): Promise<string[]>;
  load(runId: string, name: string): Promise<Buffer | null>;
}

/** Delegates to outputs.ts. */
export function openOutputStore(db: Queryable): OutputStore {
  return {
    save: (runId, name, gzip) => outputs.saveOutput(db, runId, name, gzip),
    list: (runId) => outputs.listOutputs(db, runId),
    load: (runId, name) => outputs.loadOutput(db, runId, name),
  };
}
