import type { Change } from '../../workspace/workspace.js';

/** Reads the files of a change. */
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
  /** The lines that the change adds; null if git does not know them. Then the whole file counts. */
  added: AddedLine[] | null;
}

/** Larger files block the change, and are not read. */
export const maxFileBytes = 5 * 1024 * 1024;

/** @returns null if there is nothing to read: a deleted file, a submodule, a file that is too large */
export async function readContent(change: Change, reader: ContentReader): Promise<Content | null> {
  const { blob, size, newMode, added, path } = change;
  if (!blob || newMode === '160000' || size > maxFileBytes) return null;
  const bytes = await reader.readBlob(blob);
  // A name that is not UTF-8 is damaged, and git finds no lines by it.
  const lines = added === null || path.includes('\uFFFD') ? [] : await reader.addedLines(path);
  return { bytes, added: added !== null && lines.length >= added && !path.includes('\uFFFD') ? lines : null };
}
