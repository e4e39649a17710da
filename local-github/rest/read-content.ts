import path from 'node:path';
import { type Answer, type Json, type Parts, Refusal } from '../parts.js';
import { findEntry, listFolder, readBlob, resolveCommit, type TreeEntry } from '../read-repository.js';
import { renderEntry } from '../render/commit.js';
import type { Repository } from '../state.js';
import { notFound, type RepositoryCall } from './operation.js';

/** Above that, the JSON answer has the size but not the content. */
const contentBytes = 1_000_000;
const rawBytes = 100_000_000;

/** `GET /repos/{owner}/{repo}/contents/{path}`: a file, a folder, a symbolic link or a submodule; raw if so wanted. */
export async function readContent({
  parts,
  repository,
  params,
  query,
  accept,
}: RepositoryCall): Promise<Answer> {
  const { folder } = repository;
  const ref = query.ref || repository.defaultBranch;
  const commit = await resolveCommit(folder, ref);
  if (!commit) {
    const empty = !(await resolveCommit(folder, `heads/${repository.defaultBranch}`));
    throw new Refusal(404, empty ? 'This repository is empty.' : `No commit found for the ref ${ref}`);
  }
  const found = await findEntry(folder, commit, (params.path ?? '').replace(/^\/+|\/+$/g, ''));
  if (!found) throw notFound();
  const entry = await followLink(folder, commit, found);
  const raw = /application\/vnd\.github(\.v3)?\.raw(\+json)?/.test(accept);
  if (entry.type === 'tree') {
    const entries = await listFolder(folder, entry);
    return { status: 200, body: entries.map((inside) => renderEntry(parts, repository, ref, inside)) };
  }
  if (entry.size > rawBytes)
    throw new Refusal(403, 'This API returns blobs up to 100 MB in size.', {
      errors: [{ resource: 'Blob', field: 'data', code: 'too_large' }],
    });
  if (raw && entry.type === 'blob')
    return {
      status: 200,
      headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' },
      body: await readBlob(folder, entry.sha),
    };
  return { status: 200, body: await renderContent(parts, repository, ref, entry) };
}

async function renderContent(
  parts: Parts,
  repository: Repository,
  ref: string,
  entry: TreeEntry,
): Promise<Json> {
  const base = renderEntry(parts, repository, ref, entry);
  if (entry.type === 'commit') return { ...base, submodule_git_url: null };
  const blob = await readBlob(repository.folder, entry.sha);
  if (entry.mode === '120000') return { ...base, target: blob.toString() };
  const fits = entry.size <= contentBytes;
  // In lines of 60, as GitHub's encoder breaks them.
  const content = fits ? blob.toString('base64').replace(/.{1,60}/g, '$&\n') : '';
  return { ...base, encoding: fits ? 'base64' : 'none', content };
}

/** A link to a file of the same repository shows that file; any other link is shown as a link. */
async function followLink(folder: string, commit: string, entry: TreeEntry): Promise<TreeEntry> {
  if (entry.mode !== '120000') return entry;
  const target = (await readBlob(folder, entry.sha)).toString();
  const inside = path.posix.normalize(path.posix.join(path.posix.dirname(entry.path), target));
  if (target.startsWith('/') || inside.startsWith('..')) return entry;
  const found = await findEntry(folder, commit, inside);
  if (found?.type !== 'blob' || found.mode === '120000') return entry;
  return { ...found, path: entry.path };
}
