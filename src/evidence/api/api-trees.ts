import type { Change } from '../../workspace/workspace.js';

/** The files of two commits. */
export interface ApiTrees {
  changes: readonly Change[];
  /** Paths of all files of the base commit and of the change. */
  paths: { before: readonly string[]; after: readonly string[] };
  /** Reads a file of one of the commits. Returns null if it does not exist. */
  readFile(when: 'before' | 'after', path: string): Promise<string | null>;
  /** Returns the paths of the text files in one of the commits that contain a word. */
  findWord(when: 'before' | 'after', word: string): Promise<string[]>;
}
