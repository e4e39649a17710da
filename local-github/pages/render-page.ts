import type { Context } from '../context.js';
import { findEntry, listChanges, listFolder, readBlob, resolveCommit } from '../git/read-repository.js';
import { gitText } from '../git/run-git.js';
import { pageOf } from '../render/issue.js';
import { webUrlOf } from '../render/repository.js';
import {
  type Account,
  type Issue,
  isPullRequest,
  nameOf,
  type PullRequest,
  type Repository,
} from '../state.js';
import { Html, html, renderDocument } from './html.js';
import { renderMarkdown } from './render-markdown.js';

/**
 * Renders the web pages `/`, `/owner/repo`, `/owner/repo/issues/N` and `/owner/repo/pull/N`.
 * @returns null when there is no such page
 */
export async function renderPage(context: Context, path: string): Promise<string | null> {
  if (path === '/') return renderHome(context);
  const [, fullName = '', kind, number] =
    /^\/([^/]+\/[^/]+?)(?:\/(issues|pull|pulls)(?:\/(\d+))?)?\/?$/.exec(path) ?? [];
  const repository = context.state.findRepository(fullName);
  if (!repository) return null;
  if (!kind || !number) return renderRepositoryPage(context, repository);
  const issue = repository.issues.find((candidate) => candidate.number === Number(number));
  if (!issue || issue.deleted) return null;
  return renderIssuePage(context, repository, issue);
}

function renderHome(context: Context): string {
  const list = context.state.repositories.map(
    (repository) => html`<li><a href="${webUrlOf(context, repository)}">${nameOf(repository)}</a></li>`,
  );
  return renderDocument('Local GitHub', html`<h1>Local GitHub</h1><ul>${list}</ul>`);
}

async function renderRepositoryPage(context: Context, repository: Repository): Promise<string> {
  const { folder, defaultBranch } = repository;
  const head = await resolveCommit(folder, `heads/${defaultBranch}`);
  const root = head && (await findEntry(folder, head, ''));
  const entries = root ? await listFolder(folder, root) : [];
  const readme = entries.find(({ path }) => /^readme(\.md)?$/i.test(path));
  const list = (title: string, issues: Issue[]) =>
    html`<h2>${title}</h2><ul>${issues.map(
      (issue) =>
        html`<li><a href="${pageOf(context, repository, issue)}">#${issue.number} ${issue.title}</a> ${stateOf(issue)}${labelsOf(issue)}</li>`,
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
${readme ? html`<section>${renderMarkdown((await readBlob(folder, readme.sha)).toString(), webUrlOf(context, repository))}</section>` : ''}`;
  return renderDocument(nameOf(repository), body);
}

async function renderIssuePage(context: Context, repository: Repository, issue: Issue): Promise<string> {
  const title = `${issue.title} #${issue.number}`;
  const page = webUrlOf(context, repository);
  const body = html`<p><a href="${page}">${nameOf(repository)}</a></p>
<h1>${title}</h1>
<p>${stateOf(issue)}${labelsOf(issue)}</p>
${renderText(issue, issue.body ?? '', page, 'body')}
${isPullRequest(issue) ? await renderPullSections(repository, issue, page) : ''}
<h2>Comments</h2>
${issue.comments.map((comment) => [
  renderText(comment, comment.body, page, `issuecomment-${comment.id}`),
  comment.reactions.length > 0 ? html`<p>${comment.reactions.map(({ content }) => `:${content}: `)}</p>` : '',
])}`;
  return renderDocument(title, body);
}

async function renderPullSections(
  repository: Repository,
  issue: Issue & { pull: PullRequest },
  page: string,
): Promise<Html> {
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
    html`<section><p><strong>${name}</strong>: ${conclusion ?? status}${output.title ? ` — ${output.title}` : ''}</p>${output.summary ? renderMarkdown(output.summary, page) : ''}</section>`,
)}
${pull.threads.length > 0 ? html`<h2>Review threads</h2>` : ''}
${pull.threads.map(
  ({ path, line, resolvedBy, comments }) =>
    html`<section><p><code>${path}${line ? `:${line}` : ''}</code> ${resolvedBy ? 'resolved' : 'open'}</p>${comments.map(
      (comment) => renderText(comment, comment.body, page, `discussion_r${comment.id}`),
    )}</section>`,
)}
<h2>Commits</h2><section><pre>${commits}</pre></section>
<h2>Files changed</h2>
<ul>${files.map(({ path, additions, deletions }) => html`<li><code>${path}</code> +${additions} −${deletions}</li>`)}</ul>
<section class="diff"><pre>${diff.split('\n').map(renderDiffLine)}</pre></section>`;
}

function renderText(
  { author, createdAt }: { author: Account; createdAt: string },
  text: string,
  page: string,
  anchor: string,
): Html {
  return html`<section id="${anchor}"><p class="by"><strong>${author.login}</strong> ${createdAt}</p>${renderMarkdown(text, page)}</section>`;
}

function renderDiffLine(line: string): Html {
  const kind = /^(?:\+\+\+|---|diff |index |new file |deleted file )/.test(line)
    ? 'b'
    : { '+': 'ins', '-': 'del', '@': 'i' }[line[0] ?? ''];
  return kind ? html`${new Html(`<${kind}>`)}${line}${new Html(`</${kind}>`)}\n` : html`${line}\n`;
}

function stateOf({ state, pull }: Issue): string {
  if (pull?.mergedAt) return 'merged';
  return pull?.draft && state === 'open' ? 'draft' : state;
}

function labelsOf({ labels }: Issue): Html[] {
  return labels.map(({ name }) => html` <mark>${name}</mark>`);
}
