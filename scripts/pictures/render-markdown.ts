import { Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';
import { Html, html, type IconName, icon } from './html.js';

const alertIcons: Record<string, IconName> = {
  NOTE: 'info',
  TIP: 'light-bulb',
  IMPORTANT: 'report',
  WARNING: 'alert',
  CAUTION: 'stop',
};

/** Recognizes numbers such as `#12` and full commit ids, because GitHub shows them as links. */
const reference: TokenizerAndRendererExtension = {
  name: 'reference',
  level: 'inline',
  start: (source) => /#\d|\b[0-9a-f]{40}\b/.exec(source)?.index,
  tokenizer(source) {
    const match = /^(?:#\d+|[0-9a-f]{40})\b/.exec(source);
    return match ? { type: 'reference', raw: match[0] } : undefined;
  },
  renderer: ({ raw }) =>
    raw.startsWith('#')
      ? `<a href="#">${raw}</a>`
      : `<a href="#"><code class="sha">${raw.slice(0, 7)}</code></a>`,
};

const marked = new Marked({
  gfm: true,
  // GitHub keeps single line breaks in issues, pull requests and comments.
  breaks: true,
  extensions: [reference],
  renderer: {
    blockquote({ text, tokens }: Tokens.Blockquote) {
      const [, kind = '', rest = ''] = /^\[!([A-Z]+)\][ \t]*\n(.*)$/s.exec(text) ?? [];
      const name = alertIcons[kind];
      if (!name) return `<blockquote>${this.parser.parse(tokens)}</blockquote>`;
      const title = `${kind[0]}${kind.slice(1).toLowerCase()}`;
      return html`<div class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${icon(name)}${title}</p>${renderMarkdown(rest)}</div>`
        .text;
    },
  },
});

/** Renders Markdown the way GitHub shows it in an issue, a pull request or a comment. */
export function renderMarkdown(markdown: string): Html {
  return new Html(marked.parse(markdown, { async: false }));
}
