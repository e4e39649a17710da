import type { Side } from './git/diff-places.js';

/*
 * These records contain all data of the local GitHub except git objects. They exist only in memory. The code
 * in `changes/` and `actions/` changes them. The code in `render/`, `graphql/` and `pages/` displays them.
 */

/**
 * Roles of a user in a repository. GitHub's permission API reports `maintain` as `write` and `triage` as
 * `read`.
 */
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization' | 'Bot';
  createdAt: string;
}

export interface App {
  id: number;
  slug: string;
  owner: Account;
  /** The account `<slug>[bot]`. The App acts as this account. */
  bot: Account;
  permissions: Record<string, string>;
  events: string[];
  createdAt: string;
}

export interface Installation {
  id: number;
  account: Account;
  suspendedAt: string | null;
  suspendedBy: Account | null;
  /** Permissions that the App requests but the account has not granted. */
  notGranted: string[];
  createdAt: string;
}

export interface Label {
  id: number;
  name: string;
}

export interface Reaction {
  id: number;
  content: string;
  user: Account;
  createdAt: string;
}

export interface Comment {
  id: number;
  body: string;
  author: Account;
  createdAt: string;
  updatedAt: string;
  reactions: Reaction[];
}

/** Why GitHub notifies a person, as its API for notifications names the reasons. */
export type NotificationReason = 'mention' | 'author' | 'comment' | 'assign' | 'review_requested';

export interface Notification {
  id: number;
  account: Account;
  reason: NotificationReason;
  repository: Repository;
  /** The number of the issue or pull request. */
  issue: number;
  /** The new text, for example of a comment. Null if the notification is about no text. */
  text: string | null;
  createdAt: string;
}

/** One event in the timeline of an issue. */
export interface IssueEvent {
  id: number;
  event:
    | 'labeled'
    | 'unlabeled'
    | 'assigned'
    | 'review_requested'
    | 'renamed'
    | 'closed'
    | 'reopened'
    | 'convert_to_draft'
    | 'ready_for_review';
  actor: Account;
  createdAt: string;
  label: Label | null;
  rename: { from: string; to: string } | null;
}

export interface Review {
  id: number;
  author: Account;
  state: 'approved' | 'changes_requested' | 'commented' | 'dismissed';
  body: string | null;
  /** Sha of the head commit that was reviewed. */
  commit: string;
  submittedAt: string;
}

export interface ThreadComment {
  id: number;
  /** Id of the review that contains the comment. GitHub creates a review even for a single comment. */
  reviewId: number;
  author: Account;
  body: string;
  createdAt: string;
}

export interface ReviewThread {
  id: number;
  reviewId: number;
  /** The head commit when the thread began. */
  commit: string;
  path: string;
  /** The last line in `commit`, or on the base side. Null for a thread about the whole file. */
  line: number | null;
  /** The first line of a thread about several lines; otherwise null. */
  startLine: number | null;
  /** `LEFT` for a thread about removed lines. */
  side: Side;
  /** The part of the diff that GitHub shows above the thread; '' for a thread about the whole file. */
  diffHunk: string;
  resolvedBy: Account | null;
  comments: ThreadComment[];
}

/** The fields that a pull request has in addition to the fields of an issue. */
export interface PullRequest {
  /** Name of a branch in the same repository. The local GitHub does not support forks. */
  head: string;
  headSha: string;
  base: string;
  baseSha: string;
  draft: boolean;
  mergedAt: string | null;
  mergedBy: Account | null;
  mergeSha: string | null;
  requestedReviewers: Account[];
  reviews: Review[];
  threads: ReviewThread[];
}

/**
 * An issue, or a pull request if `pull` is set. As on GitHub, issues and pull requests share one sequence of
 * numbers.
 */
export interface Issue {
  id: number;
  number: number;
  title: string;
  body: string | null;
  author: Account;
  state: 'open' | 'closed';
  locked: boolean;
  deleted: boolean;
  labels: Label[];
  assignees: Account[];
  comments: Comment[];
  events: IssueEvent[];
  reactions: Reaction[];
  createdAt: string;
  updatedAt: string;
  /** Time of the last edit of the body. Null if the body was never edited. */
  editedAt: string | null;
  closedAt: string | null;
  closedBy: Account | null;
  pull: PullRequest | null;
}

/** Another App that reports checks in a repository. */
export interface OtherApp {
  id: number;
  slug: string;
}

export interface CheckRun {
  id: number;
  /** The App that created the check run. Null means the App that the local GitHub was started for. */
  app: OtherApp | null;
  /** The log of a GitHub Actions job. Null if there is no log or if it has expired. */
  log: string | null;
  suiteId: number;
  name: string;
  headSha: string;
  externalId: string;
  detailsUrl: string | null;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  startedAt: string;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: unknown[];
  actions: unknown[];
}

export interface Repository {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  archived: boolean;
  defaultBranch: string;
  /** Path of the bare git repository. */
  folder: string;
  createdAt: string;
  pushedAt: string;
  /** Maps each login, in lower case, to a role. */
  roles: Map<string, Role>;
  labels: Label[];
  issues: Issue[];
  checkRuns: CheckRun[];
}

export class State {
  readonly accounts: Account[] = [];
  readonly repositories: Repository[] = [];
  readonly installations: Installation[] = [];
  /** Oldest first. */
  readonly notifications: Notification[] = [];
  /** Maps each former `owner/name`, in lower case, to the renamed repository. */
  readonly formerNames = new Map<string, Repository>();
  private lastId = 1000;

  /** Returns a new id, which is larger than all earlier ids. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  account(login: string): Account {
    const found = this.findAccount(login);
    if (!found) throw new Error(`local GitHub: there is no user "${login}"; add it first`);
    return found;
  }

  findAccount(login: string): Account | undefined {
    return this.accounts.find((account) => same(account.login, login));
  }

  /**
   * Finds a repository.
   * @param fullName `owner/name`
   * @throws Error when there is no such repository
   */
  repository(fullName: string): Repository {
    const found = this.findRepository(fullName);
    if (!found)
      throw new Error(`local GitHub: there is no repository "${fullName}"; there are: ${this.names()}`);
    return found;
  }

  findRepository(fullName: string): Repository | undefined {
    return this.repositories.find((repository) => same(nameOf(repository), fullName));
  }

  issue(repository: Repository, number: number): Issue {
    const found = repository.issues.find((issue) => issue.number === number);
    if (!found) throw new Error(`local GitHub: ${nameOf(repository)} has no issue or pull request ${number}`);
    return found;
  }

  pullRequest(repository: Repository, number: number): Issue & { pull: PullRequest } {
    const issue = this.issue(repository, number);
    if (!isPullRequest(issue))
      throw new Error(`local GitHub: ${nameOf(repository)}#${number} is not a pull request`);
    return issue;
  }

  installationFor(repository: Repository): Installation {
    const found = this.installations.find(({ account }) => account === repository.owner);
    if (!found) throw new Error(`local GitHub: the App is not installed for ${repository.owner.login}`);
    return found;
  }

  repositoriesOf(installation: Installation): Repository[] {
    return this.repositories.filter((repository) => repository.owner === installation.account);
  }

  /**
   * Returns the role of an account in a repository. The owner is `admin`. Other accounts have their granted
   * role, if any. Without a granted role, the result is `read` for a public and `none` for a private
   * repository.
   */
  roleOf(repository: Repository, account: Account): Role {
    if (account === repository.owner) return 'admin';
    return repository.roles.get(account.login.toLowerCase()) ?? (repository.private ? 'none' : 'read');
  }

  private names(): string {
    return this.repositories.map(nameOf).join(', ') || 'none';
  }
}

export function isPullRequest(issue: Issue): issue is Issue & { pull: PullRequest } {
  return issue.pull !== null;
}

/** Returns the full name of a repository, `owner/name`. */
export function nameOf(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

/** Returns whether two names are the same. As on GitHub, names are case-insensitive. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
