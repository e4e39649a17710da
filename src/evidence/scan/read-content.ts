import type { Change } from '../../workspace/workspace.js';

/** Functions that read the files of a change. */
export interface ContentReader {
  readBlob(blob: string): Promise<Buffer>;
  addedLines(file: string): Promise<AddedLine[]>;
}

export interface AddedLine {
  line: number;
  text: string;
}

/** A file that a change adds or modifies. */
export interface Content {
  bytes: Buffer;
  /**
   * The lines that the change adds; null if git cannot list them. If null, the scan searches the whole file.
   */
  added: AddedLine[] | null;
}

/** Maximum size of a file. A larger file blocks the change, and the scan does not read it. */
export const maxFileBytes = 5 * 1024 * 1024;

/** @returns null for a deleted file, a submodule, or a file that is too large */
export async function readContent(change: Change, reader: ContentReader): Promise<Content | null> {
  const { blob, size, newMode, added, path } = change;
  if (!blob || newMode === '160000' || size > maxFileBytes) return null;
  const bytes = await reader.readBlob(blob);
  // A file name that is not valid UTF-8 arrives with replacement characters. Git cannot find the file by that
  // name.
  const lines = added === null || path.includes('\uFFFD') ? [] : await reader.addedLines(path);
  return { bytes, added: added !== null && lines.length >= added && !path.includes('\uFFFD') ? lines : null };
}
