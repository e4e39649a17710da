import { cropMarkdown } from './crop-markdown.js';
import { type Html, html, type IconName, icon } from './html.js';
import { renderAuthor, renderAvatar } from './render-avatar.js';
import { renderMarkdown } from './render-markdown.js';
import type { Post } from './scene.js';

/**
 * Renders a comment in a box next to its author's avatar.
 * @param sections number of sections of the text to show; the headings of the other sections are listed below
 */
export function renderComment(post: Post, now: Date, sections = Number.POSITIVE_INFINITY): Html {
  const { kept, dropped } = cropMarkdown(post.body, sections);
  return html`
    <section class="comment">
      ${renderAvatar(post.author, 40)}
      <div class="box">
        <header>
          ${renderAuthor(post.author)}
          <span class="muted">commented ${formatAge(post.at, now)}${post.edited && ' · edited'}</span>
        </header>
        <div class="text"><div class="markdown-body">${renderMarkdown(kept)}</div></div>
        ${dropped.length > 0 && html`<footer>Further down: ${dropped.join(' · ')}</footer>`}
      </div>
    </section>`;
}

/** Renders an event as one line between two comments. */
export function renderEvent(name: IconName, content: Html, className: string | false = ''): Html {
  return html`<div class="event ${className}"><span class="badge">${icon(name)}</span>${content}</div>`;
}

/** Formats the age of a post with the same words as GitHub. */
export function formatAge(at: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  return minutes < 1 ? 'now' : `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
}
