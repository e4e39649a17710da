/*
 * Everything that the local GitHub knows besides git objects: plain records in memory. `changes/` and
 * `actions/` change them; `render/`, `graphql/` and `pages/` show them.
 */

/** Roles in a repository. The permission API reports `maintain` as `write` and `triage` as `read`. */
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
  /** The account that the App's tokens act as, `<slug>[bot]`. */
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
  /** Permissions that the App asks for and the account has not granted. */
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

/** An entry in the list of events of an issue. */
export interface IssueEvent {
  id: number;
  event:
    | 'labeled'
    | 'unlabeled'
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
  /** The head commit that was reviewed. */
  commit: string;
  submittedAt: string;
}

export interface ThreadComment {
  id: number;
  /** GitHub creates a review for a single comment too. */
  reviewId: number;
  author: Account;
  body: string;
  createdAt: string;
}

export interface ReviewThread {
  id: number;
  reviewId: number;
  commit: string;
  path: string;
  line: number | null;
  resolvedBy: Account | null;
  comments: ThreadComment[];
}

/** The fields that a pull request has besides those of an issue. */
export interface PullRequest {
  /** A branch of the same repository; there are no forks here. */
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

/** An issue or, with `pull`, a pull request. Both share their numbers, labels and comments. */
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
  comments: Comment[];
  events: IssueEvent[];
  reactions: Reaction[];
  createdAt: string;
  updatedAt: string;
  /** The time of the last edit of the body; null: never. */
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
  /** Null: the App itself. */
  app: OtherApp | null;
  /** The log of a GitHub Actions job; null: there is none, or it has expired. */
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
  /** The bare repository's folder. */
  folder: string;
  createdAt: string;
  pushedAt: string;
  /** Key: the login in lower case. */
  roles: Map<string, Role>;
  labels: Label[];
  issues: Issue[];
  checkRuns: CheckRun[];
}

export class State {
  readonly accounts: Account[] = [];
  readonly repositories: Repository[] = [];
  readonly installations: Installation[] = [];
  /** Former `owner/name` in lower case to the renamed repository. */
  readonly formerNames = new Map<string, Repository>();
  private lastId = 1000;

  /** @returns an id that is larger than every id before it */
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

  /** @param fullName `owner/name` */
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
   * @returns the role of an account: admin for the owner, otherwise its granted role, otherwise read for a
   * public repository
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

/** `owner/name`. */
export function nameOf(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

/** GitHub compares names without regard to case. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
