/** A stretch of a text that is to be taken out. */
export interface Cut {
  start: number;
  end: number;
  /** What it is, in words. */
  kind: string;
  /** What stands there then; nothing where it is left out. */
  instead?: string;
}
