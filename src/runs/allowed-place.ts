/** A place where someone allowed text that looks like a credential. */
export interface AllowedPlace {
  path: string;
  /** Null means the whole file. */
  line: number | null;
}
