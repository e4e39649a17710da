import path from 'node:path';
import type { Answer, Json } from '../answer.js';
import type { Context } from '../context.js';
import { findEntry, listFolder, readBlob, resolveCommit, type TreeEntry } from '../git/read-repository.js';
import { Refusal } from '../refusal.js';
import { renderEntry } from '../render/commit.js';
import type { Repository } from '../state.js';
import { notFound, type RepositoryCall } from './operation.js';

/**
 * Maximum size in bytes of a file whose content is part of a JSON response. The content of a larger file is
 * omitted.
 */
const contentBytes = 1_000_000;
const rawBytes = 100_000_000;

/**
 * Returns a file, folder, symbolic link or submodule as JSON. Returns a file as raw bytes if the `Accept`
 * header asks for them.
 */
export async function readContent({
  context,
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
    return { status: 200, body: entries.map((inside) => renderEntry(context, repository, ref, inside)) };
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
  return { status: 200, body: await renderContent(context, repository, ref, entry) };
}

async function renderContent(
  context: Context,
  repository: Repository,
  ref: string,
  entry: TreeEntry,
): Promise<Json> {
  const base = renderEntry(context, repository, ref, entry);
  if (entry.type === 'commit') return { ...base, submodule_git_url: null };
  const blob = await readBlob(repository.folder, entry.sha);
  if (entry.mode === '120000') return { ...base, target: blob.toString() };
  const fits = entry.size <= contentBytes;
  // GitHub breaks the base64 text into lines of 60 characters.
  const content = fits ? blob.toString('base64').replace(/.{1,60}/g, '$&\n') : '';
  return { ...base, encoding: fits ? 'base64' : 'none', content };
}

/** Follows a symbolic link to a file in the same repository. Returns any other entry unchanged. */
async function followLink(folder: string, commit: string, entry: TreeEntry): Promise<TreeEntry> {
  if (entry.mode !== '120000') return entry;
  const target = (await readBlob(folder, entry.sha)).toString();
  const inside = path.posix.normalize(path.posix.join(path.posix.dirname(entry.path), target));
  if (target.startsWith('/') || inside.startsWith('..')) return entry;
  const found = await findEntry(folder, commit, inside);
  if (found?.type !== 'blob' || found.mode === '120000') return entry;
  return { ...found, path: entry.path };
}
