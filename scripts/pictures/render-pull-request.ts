import { type Html, html, icon } from './html.js';
import { ago, author, avatar, comment, event } from './parts.js';
import { renderMarkdown } from './render-markdown.js';
import type { Commit, DiffLine, PullRequestScene, Thread } from './scene.js';

/** The page of a pull request: its description, then the review with the answers, the commits, the check. */
export function renderPullRequest(pull: PullRequestScene, now: Date): Html {
  const reviewedAt = pull.review?.at ?? now;
  return html`
    <h1>${pull.title} <span class="number">#${pull.number}</span></h1>
    <div class="meta">
      ${pull.draft ? html`<span class="state draft">${icon('git-pull-request-draft')} Draft</span>` : html`<span class="state open">${icon('git-pull-request')} Open</span>`}
      <span class="muted">${author(pull.post.author)} wants to merge ${count(pull.commits.length, 'commit')} into <code>${pull.base}</code> from <code>${pull.head}</code></span>
    </div>
    <nav>
      <span class="tab current">${icon('comment-discussion')} Conversation</span>
      <span class="tab">${icon('git-commit')} Commits <i>${pull.commits.length}</i></span>
      <span class="tab">${icon('checklist')} Checks <i>${pull.check ? 1 : 0}</i></span>
      <span class="tab">${icon('file-diff')} Files changed <i>${pull.files}</i></span>
      <span class="diffstat"><b class="added">+${pull.additions}</b> <b class="deleted">−${pull.deletions}</b></span>
    </nav>
    <main class="timeline">
      ${comment(pull.post, now, 'cut')}
      ${pull.commits.filter(({ at }) => at <= reviewedAt).map((commit) => renderCommit(pull, commit))}
      ${pull.review && renderReview(pull.review, now)}
      ${pull.commits.filter(({ at }) => at > reviewedAt).map((commit) => renderCommit(pull, commit))}
    </main>
    ${pull.check && renderCheck(pull.check)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function renderCommit(pull: PullRequestScene, { sha, subject }: Commit): Html {
  return event(
    'git-commit',
    html`${avatar(pull.post.author, 20)} <span class="subject">${subject}</span> <code class="sha">${sha.slice(0, 7)}</code>`,
    'commit',
  );
}

function renderReview(review: NonNullable<PullRequestScene['review']>, now: Date): Html {
  const verb = review.requestsChanges ? 'requested changes' : 'reviewed';
  return html`
    ${event('file-diff', html`${avatar(review.author, 20)} ${author(review.author)} <span class="muted">${verb} ${ago(review.at, now)}</span>`, review.requestsChanges ? 'requested' : '')}
    <div class="review">
      ${review.body !== '' && html`<div class="box"><div class="markdown-body">${renderMarkdown(review.body)}</div></div>`}
      ${review.threads.map((thread) => renderThread(thread, now))}
    </div>`;
}

function renderThread({ path, lines, comments }: Thread, now: Date): Html {
  return html`
    <div class="box thread">
      <header><code>${path}</code></header>
      <table class="diff">${lines.map(renderLine)}</table>
      ${comments.map(
        (post) => html`
        <div class="reply">
          ${avatar(post.author, 24)}
          <div>
            <div>${author(post.author)} <span class="muted">${ago(post.at, now)}</span></div>
            <div class="markdown-body">${renderMarkdown(post.body)}</div>
          </div>
        </div>`,
      )}
    </div>`;
}

function renderLine({ sign, before, after, text }: DiffLine): Html {
  const kind = sign === '+' ? 'added' : sign === '-' ? 'deleted' : '';
  return html`<tr class="${kind}"><td class="at">${before ?? ''}</td><td class="at">${after ?? ''}</td><td class="sign">${sign}</td><td><pre>${text}</pre></td></tr>`;
}

function renderCheck({ name, conclusion, title }: NonNullable<PullRequestScene['check']>): Html {
  const passed = conclusion === 'success';
  return html`
    <div class="box checks ${passed ? 'passed' : 'failed'}">
      <div class="headline">${icon(passed ? 'check-circle-fill' : 'x-circle-fill')}<div><b>${passed ? 'All checks have passed' : 'Some checks were not successful'}</b></div></div>
      <div class="check">${icon(passed ? 'check' : 'x-circle-fill')} ${avatar('pullwright[bot]', 20)} <b>${name}</b> <span class="muted">${title}</span></div>
    </div>`;
}
