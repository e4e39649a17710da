import type { Answer, Json } from '../answer.js';
import type { Caller } from '../app/tokens.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import type { Issue, Repository } from '../state.js';

/** A request that has passed authorization and validation. */
export interface Call {
  context: Context;
  caller: Caller;
  params: Record<string, string>;
  query: Record<string, string>;
  body: Json;
  accept: string;
  /** The `Authorization` header. */
  authorization: string | undefined;
}

export type RepositoryCall = Call & { repository: Repository };

/** The access that an operation needs: at least one of `permissions`, at `level` or higher. */
export interface Needs {
  level: 'read' | 'write';
  permissions: string[] | ((repository: Repository, params: Record<string, string>) => string[]);
  /** Whether the operation needs the permission even for public repositories. */
  always?: boolean;
}

export type Operation =
  | { by: 'app' | 'installation' | 'anyone'; handle(call: Call): Answer | Promise<Answer> }
  | { by: 'repository'; needs: Needs; handle(call: RepositoryCall): Answer | Promise<Answer> };

/** REST operations by GitHub's operation id. */
export type Operations = Record<string, Operation>;

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/**
 * Finds the issue or pull request whose number is in the path.
 * @throws Refusal 404 when it does not exist, 410 when it was deleted
 */
export function findIssue({ repository, params }: RepositoryCall): Issue {
  const number = Number(params.issue_number ?? params.pull_number);
  const issue = repository.issues.find((candidate) => candidate.number === number);
  if (!issue) throw notFound();
  if (issue.deleted) throw new Refusal(410, 'This issue was deleted');
  return issue;
}

/**
 * Returns the permissions for an operation that works on issues and pull requests. For a pull request, either
 * `issues` or `pull_requests` is enough.
 */
export function issuePermissions(repository: Repository, params: Record<string, string>): string[] {
  const issue = repository.issues.find(
    ({ number, comments }) =>
      number === Number(params.issue_number) || comments.some(({ id }) => id === Number(params.comment_id)),
  );
  return issue?.pull ? ['issues', 'pull_requests'] : ['issues'];
}
