import type { Parts } from '../parts.js';
import { findEntry, listChanges, listFolder, readBlob, resolveCommit } from '../read-repository.js';
import { pageOf } from '../render/issue.js';
import { webUrlOf } from '../render/repository.js';
import { gitText } from '../run-git.js';
import {
  type Account,
  type Issue,
  isPullRequest,
  nameOf,
  type PullRequest,
  type Repository,
} from '../state.js';
import { type Html, html, renderDocument } from './html.js';

/** `/owner/repo`, `/owner/repo/issues/N`, `/owner/repo/pull/N`, to look at. @returns null where there is no such page */
export async function renderPage(parts: Parts, path: string): Promise<string | null> {
  if (path === '/') return renderHome(parts);
  const [, fullName = '', kind, number] =
    /^\/([^/]+\/[^/]+?)(?:\/(issues|pull|pulls)(?:\/(\d+))?)?\/?$/.exec(path) ?? [];
  const repository = parts.state.findRepository(fullName);
  if (!repository) return null;
  if (!kind || !number) return renderRepositoryPage(parts, repository);
  const issue = repository.issues.find((candidate) => candidate.number === Number(number));
  if (!issue || issue.deleted) return null;
  return renderIssuePage(parts, repository, issue);
}

function renderHome(parts: Parts): string {
  const list = parts.state.repositories.map(
    (repository) => html`<li><a href="${webUrlOf(parts, repository)}">${nameOf(repository)}</a></li>`,
  );
  return renderDocument('Local GitHub', html`<h1>Local GitHub</h1><ul>${list}</ul>`);
}

async function renderRepositoryPage(parts: Parts, repository: Repository): Promise<string> {
  const { folder, defaultBranch } = repository;
  const head = await resolveCommit(folder, `heads/${defaultBranch}`);
  const root = head && (await findEntry(folder, head, ''));
  const entries = root ? await listFolder(folder, root) : [];
  const readme = entries.find(({ path }) => /^readme(\.md)?$/i.test(path));
  const list = (title: string, issues: Issue[]) =>
    html`<h2>${title}</h2><ul>${issues.map(
      (issue) =>
        html`<li><a href="${pageOf(parts, repository, issue)}">#${issue.number} ${issue.title}</a> ${stateOf(issue)}${labelsOf(issue)}</li>`,
    )}</ul>`;
  const shown = repository.issues.filter(({ deleted }) => !deleted);
  const body = html`<h1>${nameOf(repository)}</h1>
<p>${repository.private ? 'private' : 'public'}, default branch <code>${defaultBranch}</code></p>
${list(
  'Issues',
  shown.filter(({ pull }) => !pull),
)}
${list('Pull requests', shown.filter(isPullRequest))}
<h2>Files</h2><ul>${entries.map(({ path, type }) => html`<li><code>${path}${type === 'tree' ? '/' : ''}</code></li>`)}</ul>
${readme ? html`<pre>${(await readBlob(folder, readme.sha)).toString()}</pre>` : ''}`;
  return renderDocument(nameOf(repository), body);
}

async function renderIssuePage(parts: Parts, repository: Repository, issue: Issue): Promise<string> {
  const title = `${issue.title} #${issue.number}`;
  const body = html`<p><a href="${webUrlOf(parts, repository)}">${nameOf(repository)}</a></p>
<h1>${title}</h1>
<p>${stateOf(issue)}${labelsOf(issue)}</p>
${renderText(issue.author, issue.createdAt, issue.body ?? '', 'body')}
${isPullRequest(issue) ? await renderPullParts(repository, issue) : ''}
<h2>Comments</h2>
${issue.comments.map(({ id, author, createdAt, body, reactions }) => [
  renderText(author, createdAt, body, `issuecomment-${id}`),
  reactions.length > 0 ? html`<p>${reactions.map(({ content }) => `:${content}: `)}</p>` : '',
])}`;
  return renderDocument(title, body);
}

async function renderPullParts(repository: Repository, issue: Issue & { pull: PullRequest }): Promise<Html> {
  const { folder } = repository;
  const { pull } = issue;
  const base = (await gitText(folder, ['merge-base', pull.baseSha, pull.headSha])).trim();
  const files = await listChanges(folder, base, pull.headSha);
  const diff = await gitText(folder, ['diff', base, pull.headSha]);
  const commits = await gitText(folder, ['log', '--format=%h %s', `${base}..${pull.headSha}`]);
  const checks = repository.checkRuns.filter(({ headSha }) => headSha === pull.headSha);
  return html`<p><code>${pull.head}</code> into <code>${pull.base}</code></p>
<h2>Checks</h2>
${checks.map(
  ({ name, status, conclusion, output }) =>
    html`<section><p><strong>${name}</strong>: ${conclusion ?? status}${output.title ? ` — ${output.title}` : ''}</p>${output.summary ? html`<pre>${output.summary}</pre>` : ''}</section>`,
)}
<h2>Review threads</h2>
${pull.threads.map(
  ({ path, line, resolvedBy, comments }) =>
    html`<section><p><code>${path}${line ? `:${line}` : ''}</code> ${resolvedBy ? 'resolved' : 'open'}</p>${comments.map(
      ({ id, author, createdAt, body }) => renderText(author, createdAt, body, `discussion_r${id}`),
    )}</section>`,
)}
<h2>Commits</h2><pre>${commits}</pre>
<h2>Files changed</h2>
<ul>${files.map(({ path, additions, deletions }) => html`<li><code>${path}</code> +${additions} −${deletions}</li>`)}</ul>
<pre>${diff}</pre>`;
}

function renderText(author: Account, date: string, text: string, anchor: string): Html {
  return html`<section id="${anchor}"><p><strong>${author.login}</strong> ${date}</p><pre>${text}</pre></section>`;
}

function stateOf({ state, pull }: Issue): string {
  if (pull?.mergedAt) return 'merged';
  return pull?.draft && state === 'open' ? 'draft' : state;
}

function labelsOf({ labels }: Issue): Html[] {
  return labels.map(({ name }) => html` <mark>${name}</mark>`);
}
