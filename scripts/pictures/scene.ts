/** What one person or bot wrote. */
export interface Post {
  author: string;
  /** Markdown. */
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
  /** `+`, `-` or a space. */
  sign: string;
  /** Line numbers before and after; null where the line does not exist. */
  before: number | null;
  after: number | null;
  text: string;
}

export interface Thread {
  path: string;
  /** The last lines of the diff up to the line under discussion. */
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

/** What people see on GitHub at one moment. */
export interface Scene {
  at: Date;
  issue: IssueScene;
  pull: PullRequestScene;
}
