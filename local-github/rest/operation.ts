import type { Answer, Json } from '../answer.js';
import type { Caller } from '../app/tokens.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import type { Issue, Repository } from '../state.js';

/** A request that is well-formed and allowed. */
export interface Call {
  context: Context;
  caller: Caller;
  params: Record<string, string>;
  query: Record<string, string>;
  body: Json;
  accept: string;
}

export type RepositoryCall = Call & { repository: Repository };

/** The access that an operation needs: any one of the permissions at this level. */
export interface Needs {
  level: 'read' | 'write';
  permissions: string[] | ((repository: Repository, params: Record<string, string>) => string[]);
  /** The operation needs the permission for public repositories, too. */
  always?: boolean;
}

export type Operation =
  | { by: 'app' | 'installation' | 'anyone'; handle(call: Call): Answer | Promise<Answer> }
  | { by: 'repository'; needs: Needs; handle(call: RepositoryCall): Answer | Promise<Answer> };

/** Key: GitHub's operation id. */
export type Operations = Record<string, Operation>;

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** @throws Refusal 404, or 410 for a deleted issue */
export function findIssue({ repository, params }: RepositoryCall): Issue {
  const number = Number(params.issue_number ?? params.pull_number);
  const issue = repository.issues.find((candidate) => candidate.number === number);
  if (!issue) throw notFound();
  if (issue.deleted) throw new Refusal(410, 'This issue was deleted');
  return issue;
}

/** For operations on issues and pull requests alike: in a pull request, either permission is enough. */
export function issuePermissions(repository: Repository, params: Record<string, string>): string[] {
  const issue = repository.issues.find(
    ({ number, comments }) =>
      number === Number(params.issue_number) || comments.some(({ id }) => id === Number(params.comment_id)),
  );
  return issue?.pull ? ['issues', 'pull_requests'] : ['issues'];
}
