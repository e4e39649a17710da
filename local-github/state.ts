/*
 * What the local GitHub knows, apart from git objects: plain records, in memory. They are changed by `changes/` and
 * the start of the server only, and shown by `render/`.
 */

/** Roles of a repository; `maintain` and `triage` are those that the permission API maps onto write and read. */
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
  /** Who the App's tokens act as, `<slug>[bot]`. */
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
  /** Permissions that the App asks for, and the account did not grant. */
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

/** What happened to an issue, as its own list of events tells it. */
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
  /** The head that was looked at. */
  commit: string;
  submittedAt: string;
}

export interface ThreadComment {
  id: number;
  /** GitHub makes one for a lone comment too. */
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

/** What an issue has more when it is a pull request. */
export interface PullRequest {
  /** Branch of the same repository; forks are not played. */
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

/** An issue or, with `pull`, a pull request: they share numbers, labels and comments. */
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
  /** When the body was last edited; null: never. */
  editedAt: string | null;
  closedAt: string | null;
  closedBy: Account | null;
  pull: PullRequest | null;
}

/** Another App, whose checks a repository has. */
export interface OtherApp {
  id: number;
  slug: string;
}

export interface CheckRun {
  id: number;
  /** Null: the App's own. */
  app: OtherApp | null;
  /** What GitHub Actions wrote; null: there is none, or no more. */
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
  /** By login in lower case. */
  roles: Map<string, Role>;
  labels: Label[];
  issues: Issue[];
  checkRuns: CheckRun[];
}

export class State {
  readonly accounts: Account[] = [];
  readonly repositories: Repository[] = [];
  readonly installations: Installation[] = [];
  /** Former `owner/name` in lower case -> repository, for renamed ones. */
  readonly formerNames = new Map<string, Repository>();
  private lastId = 1000;

  /** A number that nothing else here has. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  account(login: string): Account {
    const found = this.findAccount(login);
    if (!found) throw new Error(`local GitHub: there is no user "${login}"; add it with addUser`);
    return found;
  }

  findAccount(login: string): Account | undefined {
    return this.accounts.find((account) => same(account.login, login));
  }

  /** @param fullName `owner/name` */
  repository(fullName: string): Repository {
    const found = this.findRepository(fullName);
    if (!found) throw new Error(`local GitHub: there is no repository "${fullName}"; it has ${this.names()}`);
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
    if (!isPullRequest(issue)) throw new Error(`local GitHub: ${nameOf(repository)}#${number} is an issue`);
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

  /** What the repository's roles, its owner and its visibility give someone. */
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

/** GitHub's names differ by more than case, or are the same. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
