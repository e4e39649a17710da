import { type Html, html, icon } from './html.js';
import { renderAuthor, renderAvatar } from './render-avatar.js';
import { formatAge, renderComment, renderEvent } from './render-comment.js';
import { renderMarkdown } from './render-markdown.js';
import type { Check, Commit, DiffLine, PullRequestScene, Review, Thread } from './scene.js';

/** Number of sections of the description that the picture shows. */
const sections = 3;

/** Renders the page of a pull request with its description, commits, review, replies and check. */
export function renderPullRequest(pull: PullRequestScene, now: Date): Html {
  const { review, check, post } = pull;
  const reviewedAt = review?.at ?? now;
  const renderCommits = (commits: Commit[]) => commits.map((commit) => renderCommit(post.author, commit));
  return html`
    <h1>${pull.title} <span class="number">#${pull.number}</span></h1>
    ${renderMeta(pull)}
    ${renderTabs(pull)}
    <main class="timeline">
      ${renderComment(post, now, sections)}
      ${renderCommits(pull.commits.filter(({ at }) => at <= reviewedAt))}
      ${review && renderReview(review, now)}
      ${renderCommits(pull.commits.filter(({ at }) => at > reviewedAt))}
      ${check && renderCheck(check, post.author)}
    </main>`;
}

function renderMeta({ draft, post, commits, base, head }: PullRequestScene): Html {
  const state = draft
    ? html`<span class="state draft">${icon('git-pull-request-draft')} Draft</span>`
    : html`<span class="state open">${icon('git-pull-request')} Open</span>`;
  const change = `${commits.length} commit${commits.length === 1 ? '' : 's'}`;
  return html`
    <div class="meta">
      ${state}
      <span class="muted">
        ${renderAuthor(post.author)} wants to merge ${change} into <code>${base}</code> from <code>${head}</code>
      </span>
    </div>`;
}

function renderTabs({ commits, check, files, additions, deletions }: PullRequestScene): Html {
  return html`
    <nav>
      <span class="tab current">${icon('comment-discussion')} Conversation</span>
      <span class="tab">${icon('git-commit')} Commits <i>${commits.length}</i></span>
      <span class="tab">${icon('checklist')} Checks <i>${check ? 1 : 0}</i></span>
      <span class="tab">${icon('file-diff')} Files changed <i>${files}</i></span>
      <b class="diffstat"><span class="added">+${additions}</span> <span class="deleted">−${deletions}</span></b>
    </nav>`;
}

function renderCommit(author: string, { sha, subject }: Commit): Html {
  const content = html`
    ${renderAvatar(author, 20)} <span class="subject">${subject}</span> <code class="sha">${sha.slice(0, 7)}</code>`;
  return renderEvent('git-commit', content, 'commit');
}

function renderReview({ author, body, at, requestsChanges, threads }: Review, now: Date): Html {
  const verb = requestsChanges ? 'requested changes' : 'reviewed';
  const content = html`
    ${renderAvatar(author, 20)} ${renderAuthor(author)} <span class="muted">${verb} ${formatAge(at, now)}</span>`;
  return html`
    ${renderEvent(requestsChanges ? 'file-diff' : 'comment-discussion', content, requestsChanges && 'requested')}
    <div class="review">
      ${body !== '' && html`<div class="box"><div class="markdown-body">${renderMarkdown(body)}</div></div>`}
      ${threads.map((thread) => renderThread(thread, now))}
    </div>`;
}

function renderThread({ path, lines, comments }: Thread, now: Date): Html {
  return html`
    <div class="box thread">
      <header><code>${path}</code></header>
      <table class="diff">${lines.map(renderLine)}</table>
      ${comments.map(
        ({ author, body, at }) => html`
          <div class="reply">
            ${renderAvatar(author, 24)}
            <div>
              <div>${renderAuthor(author)} <span class="muted">${formatAge(at, now)}</span></div>
              <div class="markdown-body">${renderMarkdown(body)}</div>
            </div>
          </div>`,
      )}
    </div>`;
}

function renderLine({ sign, before, after, text }: DiffLine): Html {
  const kinds: Record<string, string> = { '+': 'added', '-': 'deleted' };
  return html`
    <tr class="${kinds[sign] ?? ''}">
      <td class="at">${before}</td><td class="at">${after}</td><td class="sign">${sign}</td>
      <td><pre>${text}</pre></td>
    </tr>`;
}

function renderCheck({ name, conclusion, title }: Check, author: string): Html {
  const passed = conclusion === 'success';
  const headline = passed ? 'All checks have passed' : 'Some checks were not successful';
  return html`
    <div class="box checks ${passed ? 'passed' : 'failed'}">
      <div class="headline">${icon(passed ? 'check-circle-fill' : 'x-circle-fill')} <b>${headline}</b></div>
      <div class="check">
        ${icon(passed ? 'check' : 'x-circle-fill')} ${renderAvatar(author, 20)}
        <b>${name}</b> <span class="muted">${title}</span>
      </div>
    </div>`;
}
