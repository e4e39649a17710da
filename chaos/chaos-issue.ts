/** An issue that the chaos asks to have done, and what has to come of it. */
export interface ChaosIssue {
  /** `owner/name` of its repository. */
  name: string;
  number: number;
  title: string;
  /** Replies that its conversation with the model takes. */
  turns: number;
  /** What its branch has other than the base: path -> text. */
  changed: Record<string, string>;
}
