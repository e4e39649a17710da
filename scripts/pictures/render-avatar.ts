import { type Html, html } from './html.js';

const colors = ['#8250df', '#1b7c83', '#bc4c00', '#bf3989', '#0969da'];

/**
 * Draws the avatar of an account: a monogram for a person, or the logo of the bot. It is drawn here because
 * the pages cannot load pictures from the network.
 */
export function renderAvatar(login: string, size: number): Html {
  if (isBot(login)) return renderMark(size);
  const color = colors[login.charCodeAt(0) % colors.length] ?? '';
  return html`
    <svg class="avatar" viewBox="0 0 40 40" width="${size}" height="${size}">
      <circle cx="20" cy="20" r="20" fill="${color}"/>
      <text x="20" y="26.5" text-anchor="middle">${login.charAt(0).toUpperCase()}</text>
    </svg>`;
}

/** Draws the bot's logo: the symbol of a pull request with a check mark. */
function renderMark(size: number): Html {
  return html`
    <svg class="avatar bot" viewBox="0 0 40 40" width="${size}" height="${size}">
      <rect width="40" height="40"/>
      <circle cx="12.5" cy="11.5" r="3.4"/>
      <circle cx="12.5" cy="28.5" r="3.4"/>
      <path d="M12.5 15v10M27.5 24.5V17a5 5 0 0 0-5-5H20"/>
      <path d="m22.6 28.8 3.7 3.7 6.7-7"/>
      <path d="m22 8.5-3.5 3.5 3.5 3.5"/>
    </svg>`;
}

/** Renders a name. If the account is a bot, adds GitHub's label `bot`. */
export function renderAuthor(login: string): Html {
  if (!isBot(login)) return html`<b>${login}</b>`;
  return html`<b>${login.replace(/\[bot\]$/, '')}</b> <span class="chip">bot</span>`;
}

function isBot(login: string): boolean {
  return login.endsWith('[bot]');
}
