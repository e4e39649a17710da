import { type Html, html, icon } from './html.js';
import { renderAuthor, renderAvatar } from './render-avatar.js';
import { formatAge, renderComment, renderEvent } from './render-comment.js';
import type { IssueScene, LabelEvent } from './scene.js';

/** Renders the page of an issue with its description, label events and comments. */
export function renderIssue(issue: IssueScene, now: Date): Html {
  const { title, number, post, labeled, comments } = issue;
  return html`
    <h1>${title} <span class="number">#${number}</span></h1>
    <div class="meta">
      <span class="state open">${icon('issue-opened')} Open</span>
      <span class="muted">${renderAuthor(post.author)} opened this issue ${formatAge(post.at, now)}</span>
    </div>
    <main class="timeline">
      ${renderComment(post, now, 1)}
      ${labeled.map((event) => renderLabel(event, now))}
      ${comments.map((comment) => renderComment(comment, now))}
    </main>`;
}

function renderLabel({ actor, label, at }: LabelEvent, now: Date): Html {
  const content = html`
    ${renderAvatar(actor, 20)} ${renderAuthor(actor)}
    <span class="muted">added the</span> <span class="label">${label}</span>
    <span class="muted">label ${formatAge(at, now)}</span>`;
  return renderEvent('tag', content);
}
