/** An input that could take long to read, because its author wants it to. */
export interface HostileInput {
  name: string;
  /** Maximum CPU time of `work`, in units of `measureCpu`. */
  maxUnits: number;
  work: () => unknown;
}
