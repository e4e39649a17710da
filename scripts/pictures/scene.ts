/** A text that a person or a bot wrote. */
export interface Post {
  author: string;
  /** The text in Markdown. */
  body: string;
  at: Date;
  edited: boolean;
}

export interface LabelEvent {
  actor: string;
  label: string;
  at: Date;
}

export interface DiffLine {
  /** `+` for an added line, `-` for a deleted line, a space for an unchanged line. */
  sign: string;
  /**
   * `before` and `after` are the line numbers before and after the change. A number is null if the line does
   * not exist in that version.
   */
  before: number | null;
  after: number | null;
  text: string;
}

export interface Thread {
  path: string;
  /** Lines of the diff. The last one is the line with the comment. */
  lines: DiffLine[];
  comments: Post[];
}

export interface Review extends Post {
  requestsChanges: boolean;
  threads: Thread[];
}

export interface Check {
  name: string;
  conclusion: string;
  title: string;
}

export interface Commit {
  sha: string;
  subject: string;
  at: Date;
}

export interface IssueScene {
  number: number;
  title: string;
  post: Post;
  labeled: LabelEvent[];
  comments: Post[];
}

export interface PullRequestScene {
  number: number;
  title: string;
  post: Post;
  draft: boolean;
  head: string;
  base: string;
  commits: Commit[];
  files: number;
  additions: number;
  deletions: number;
  review: Review | null;
  check: Check | null;
}

/** The content of the GitHub pages at one moment. */
export interface Scene {
  at: Date;
  issue: IssueScene;
  pull: PullRequestScene;
}
