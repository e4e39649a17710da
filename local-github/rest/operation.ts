import { type Answer, type Json, type Parts, Refusal } from '../parts.js';
import type { Issue, Repository } from '../state.js';
import type { Caller } from '../tokens.js';

/** A request that was found to be well-formed and allowed. */
export interface Call {
  parts: Parts;
  caller: Caller;
  params: Record<string, string>;
  query: Record<string, string>;
  body: Json;
  accept: string;
}

export type RepositoryCall = Call & { repository: Repository };

/** Any one of these, at this level, is enough. */
export interface Needs {
  level: 'read' | 'write';
  permissions: string[] | ((repository: Repository, params: Record<string, string>) => string[]);
  /** Not even for a public repository may it be asked without. */
  always?: boolean;
}

export type Operation =
  | { by: 'app' | 'installation' | 'anyone'; handle(call: Call): Answer | Promise<Answer> }
  | { by: 'repository'; needs: Needs; handle(call: RepositoryCall): Answer | Promise<Answer> };

/** By GitHub's operation id. */
export type Operations = Record<string, Operation>;

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** @throws Refusal 404, or 410 for what was deleted */
export function findIssue({ repository, params }: RepositoryCall): Issue {
  const number = Number(params.issue_number ?? params.pull_number);
  const issue = repository.issues.find((candidate) => candidate.number === number);
  if (!issue) throw notFound();
  if (issue.deleted) throw new Refusal(410, 'This issue was deleted');
  return issue;
}

/** For what exists in issues and pull requests alike, either permission will do in a pull request. */
export function issuePermissions(repository: Repository, params: Record<string, string>): string[] {
  const issue = repository.issues.find(
    ({ number, comments }) =>
      number === Number(params.issue_number) || comments.some(({ id }) => id === Number(params.comment_id)),
  );
  return issue?.pull ? ['issues', 'pull_requests'] : ['issues'];
}
