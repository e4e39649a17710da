import { Marked } from 'marked';
import { Html, html } from './html.js';

/** HTML tags that are kept. All other HTML is shown as text. */
const harmlessTag = /^<\/?(?:sub|sup|kbd|br|details|summary)\s*\/?>$/i;

/**
 * Renders Markdown roughly as GitHub does: with tables, alerts and links for issue numbers, and without HTML
 * comments.
 * @param repositoryUrl URL of the repository's page, for the links
 */
export function renderMarkdown(markdown: string, repositoryUrl: string): Html {
  const marked = new Marked({
    gfm: true,
    renderer: {
      html: ({ text }) => renderHtml(text),
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        return /^https?:\/\//.test(href) ? html`<a href="${href}">${new Html(text)}</a>`.text : text;
      },
      image: ({ text }) => html`${text}`.text,
      text(token) {
        if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens);
        const number = /(^|[\s(])#(\d+)\b/g;
        // Keep entities such as `&lt;` as they are, because they have the same meaning in Markdown and HTML.
        const text = html`${token.text}`.text.replace(/&#38;(#?\w+;)/g, '&$1');
        return text.replace(
          number,
          (_, before, digits) =>
            before + html`<a href="${`${repositoryUrl}/issues/${digits}`}">#${digits}</a>`.text,
        );
      },
      blockquote({ text, tokens }) {
        const [, kind, rest] = /^\[!([A-Z]+)\]\s*(.*)$/s.exec(text) ?? [];
        if (!kind || rest === undefined)
          return html`<blockquote>${new Html(this.parser.parse(tokens))}</blockquote>`.text;
        return html`<blockquote class="alert"><strong>${kind}</strong>${renderMarkdown(rest, repositoryUrl)}</blockquote>`
          .text;
      },
    },
  });
  return new Html(String(marked.parse(markdown, { async: false })));
}

function renderHtml(text: string): string {
  return text
    .split(/(<!--.*?-->|<[^>]*>)/s)
    .map((part) => {
      if (part.startsWith('<!--')) return '';
      return harmlessTag.test(part) ? part : html`${part}`.text;
    })
    .join('');
}
