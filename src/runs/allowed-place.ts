/** A place at which someone allowed what looks like a credential. */
export interface AllowedPlace {
  path: string;
  /** Null: the whole file. */
  line: number | null;
}
