import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { nameOf, type Repository } from '../state.js';
import { renderAccount } from './account.js';
import { nodeId } from './node-id.js';

const links: Record<string, string> = {
  forks: 'forks',
  keys: 'keys{/key_id}',
  collaborators: 'collaborators{/collaborator}',
  teams: 'teams',
  hooks: 'hooks',
  issue_events: 'issues/events{/number}',
  events: 'events',
  assignees: 'assignees{/user}',
  branches: 'branches{/branch}',
  tags: 'tags',
  blobs: 'git/blobs{/sha}',
  git_tags: 'git/tags{/sha}',
  git_refs: 'git/refs{/sha}',
  trees: 'git/trees{/sha}',
  statuses: 'statuses/{sha}',
  languages: 'languages',
  stargazers: 'stargazers',
  contributors: 'contributors',
  subscribers: 'subscribers',
  subscription: 'subscription',
  commits: 'commits{/sha}',
  git_commits: 'git/commits{/sha}',
  comments: 'comments{/number}',
  issue_comment: 'issues/comments{/number}',
  contents: 'contents/{+path}',
  compare: 'compare/{base}...{head}',
  merges: 'merges',
  archive: '{archive_format}{/ref}',
  downloads: 'downloads',
  issues: 'issues{/number}',
  pulls: 'pulls{/number}',
  milestones: 'milestones{/number}',
  notifications: 'notifications{?since,all,participating}',
  labels: 'labels{/name}',
  releases: 'releases{/id}',
  deployments: 'deployments',
};

export function apiUrlOf(context: Context, repository: Repository): string {
  return `${context.api}/repos/${nameOf(repository)}`;
}

export function webUrlOf(context: Context, repository: Repository): string {
  return `${context.web}/${nameOf(repository)}`;
}

/**
 * Renders a repository with the fields that webhook payloads contain. Responses of the REST API contain the
 * same fields, and some of these responses contain additional fields.
 */
export function renderRepository(context: Context, repository: Repository): Json {
  const url = apiUrlOf(context, repository);
  const web = webUrlOf(context, repository);
  const open = repository.issues.filter(({ state, deleted }) => state === 'open' && !deleted).length;
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: nameOf(repository),
    private: repository.private,
    owner: renderAccount(context, repository.owner),
    html_url: web,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(links).map(([name, rest]) => [`${name}_url`, `${url}/${rest}`])),
    git_url: `${web.replace(/^http/, 'git')}.git`,
    ssh_url: `git@${new URL(context.web).hostname}:${nameOf(repository)}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    homepage: null,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    pushed_at: repository.pushedAt,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    forks: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: open,
    open_issues: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    default_branch: repository.defaultBranch,
    custom_properties: {},
  };
}

/** Renders a repository in the format of GitHub's schema `full-repository`. */
export function renderFullRepository(context: Context, repository: Repository): Json {
  return { ...renderRepository(context, repository), network_count: 0, subscribers_count: 0 };
}
