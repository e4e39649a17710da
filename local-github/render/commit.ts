import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { ChangedFile, CommitRecord, TreeEntry } from '../git/read-repository.js';
import type { Repository } from '../state.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, webUrlOf } from './repository.js';

/**
 * Renders a commit in the format of GitHub's schema `commit`. Only the response for a single commit contains
 * `files`.
 */
export function renderCommit(
  context: Context,
  repository: Repository,
  commit: CommitRecord,
  files?: ChangedFile[],
): Json {
  const api = apiUrlOf(context, repository);
  const url = `${api}/commits/${commit.sha}`;
  const additions = sum(files, 'additions');
  const deletions = sum(files, 'deletions');
  return {
    url,
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    html_url: `${webUrlOf(context, repository)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: {
        verified: false,
        reason: 'unsigned',
        payload: null,
        signature: null,
        verified_at: null,
      },
    },
    // Accounts of the local GitHub have no email addresses, so no commit can be linked to an account.
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${webUrlOf(context, repository)}/commit/${sha}`,
    })),
    ...(files && {
      stats: { additions, deletions, total: additions + deletions },
      files: files.slice(0, 300).map((file) => renderChangedFile(context, repository, commit.sha, file)),
    }),
  };
}

/**
 * Renders a file, folder, symbolic link or submodule in the format of GitHub's contents API, without its
 * content.
 */
export function renderEntry(context: Context, repository: Repository, ref: string, entry: TreeEntry): Json {
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const api = apiUrlOf(context, repository);
  const self = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`;
  const html = `${webUrlOf(context, repository)}/${entry.type === 'tree' ? 'tree' : 'blob'}/${ref}/${path}`;
  const raw = `${webUrlOf(context, repository)}/raw/${ref}/${path}`;
  return {
    type: kindOf(entry),
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? raw : null,
    _links: { self, git, html },
  };
}

function kindOf({ type, mode }: TreeEntry): string {
  if (type === 'tree') return 'dir';
  if (type === 'commit') return 'submodule';
  return mode === '120000' ? 'symlink' : 'file';
}

function renderChangedFile(
  context: Context,
  repository: Repository,
  commit: string,
  file: ChangedFile,
): Json {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${webUrlOf(context, repository)}/blob/${commit}/${path}`,
    raw_url: `${webUrlOf(context, repository)}/raw/${commit}/${path}`,
    contents_url: `${apiUrlOf(context, repository)}/contents/${path}?ref=${commit}`,
    ...(file.previousPath !== null && { previous_filename: file.previousPath }),
  };
}

function sum(files: ChangedFile[] | undefined, key: 'additions' | 'deletions'): number {
  return (files ?? []).reduce((total, file) => total + file[key], 0);
}
