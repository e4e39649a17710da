import { type Html, html, type IconName, icon } from './html.js';
import { renderMarkdown } from './render-markdown.js';
import type { Post } from './scene.js';

const personColors = ['#8250df', '#1b7c83', '#bc4c00', '#bf3989', '#0969da'];

/** A drawing in place of a picture, since nothing is fetched. */
export function avatar(login: string, size: number): Html {
  if (isBot(login))
    return html`<svg class="avatar bot" viewBox="0 0 40 40" width="${size}" height="${size}"><rect width="40" height="40" fill="#1f2a44"/><g fill="none" stroke="#7ee2b8" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"><circle cx="12.5" cy="11.5" r="3.4"/><circle cx="12.5" cy="28.5" r="3.4"/><path d="M12.5 15v10M27.5 24.500V17a5 5 0 0 0-5-5H20"/><path d="m22.600 28.800 3.700 3.700 6.700-7"/><path d="m22 8.500-3.500 3.500 3.500 3.500"/></g></svg>`;
  const color =
    personColors[[...login].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % personColors.length];
  return html`<svg class="avatar" viewBox="0 0 40 40" width="${size}" height="${size}"><circle cx="20" cy="20" r="20" fill="${color ?? ''}"/><text x="20" y="26.500" font-size="18" font-weight="600" fill="#fff" text-anchor="middle">${login.charAt(0).toUpperCase()}</text></svg>`;
}

/** A name, with GitHub's chip behind those of bots. */
export function author(login: string): Html {
  if (!isBot(login)) return html`<b>${login}</b>`;
  return html`<b>${login.replace(/\[bot\]$/, '')}</b> <span class="chip">bot</span>`;
}

function isBot(login: string): boolean {
  return login.endsWith('[bot]');
}

/** How long ago, as GitHub says it. */
export function ago(at: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  return minutes < 1 ? 'now' : `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
}

/** A comment in its box, with its author's picture beside it. */
export function comment(post: Post, now: Date, className = ''): Html {
  return html`
    <section class="comment ${className}">
      ${avatar(post.author, 40)}
      <div class="box">
        <header>${author(post.author)} <span class="muted">commented ${ago(post.at, now)}${post.edited ? ' · edited' : ''}</span></header>
        <div class="markdown-body">${renderMarkdown(post.body)}</div>
      </div>
    </section>`;
}

/** One line between comments. */
export function event(name: IconName, content: Html, className = ''): Html {
  return html`<div class="event ${className}"><span class="badge">${icon(name)}</span>${content}</div>`;
}
