import { type Html, html, icon } from './html.js';
import { ago, author, avatar, comment, event } from './parts.js';
import type { IssueScene } from './scene.js';

/** The page of an issue: the request, the label, the bot's comment. */
export function renderIssue(issue: IssueScene, now: Date): Html {
  return html`
    <h1>${issue.title} <span class="number">#${issue.number}</span></h1>
    <div class="meta"><span class="state open">${icon('issue-opened')} Open</span></div>
    <main class="timeline">
      ${comment(issue.post, now, 'cut short')}
      ${issue.labeled.map(({ actor, label, at }) =>
        event(
          'tag',
          html`${avatar(actor, 20)} ${author(actor)} <span class="muted">added the</span> <span class="label">${label}</span> <span class="muted">label ${ago(at, now)}</span>`,
        ),
      )}
      ${issue.comments.map((post) => comment(post, now))}
    </main>`;
}
