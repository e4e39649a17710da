import { lexer, type Token, type Tokens } from 'marked';
import { pad, removeControlCharacters, type Terminal, widthOf, wrap } from './terminal.js';

/**
 * Renders Markdown as wrapped lines for a terminal. The lines contain no Markdown syntax, and tables have
 * aligned columns.
 */
export function renderMarkdown(markdown: string, terminal: Terminal, width = terminal.width): string[] {
  const lines = renderBlocks(lexer(removeControlCharacters(markdown)), terminal, width);
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

function renderBlocks(tokens: Token[], terminal: Terminal, width: number): string[] {
  return tokens.flatMap((token) => renderBlock(token, terminal, width));
}

/** Renders one block as lines. Adds an empty line after most kinds of blocks. */
function renderBlock(token: Token, terminal: Terminal, width: number): string[] {
  switch (token.type) {
    case 'heading':
      return [...wrap(terminal.bold(renderInline(token.tokens, terminal)), width, '▸ '), ''];
    case 'paragraph':
      return [...wrap(renderInline(token.tokens, terminal), width), ''];
    case 'text':
      return wrap(renderInline(token.tokens ?? [token], terminal), width);
    case 'list':
      return [...renderList(token as Tokens.List, terminal, width), ''];
    case 'table':
      return [...renderTable(token as Tokens.Table, terminal, width), ''];
    case 'blockquote':
      return [...renderQuote(token as Tokens.Blockquote, terminal, width), ''];
    case 'code':
      return [...token.text.split('\n').map((line: string) => `  ${line}`), ''];
    case 'hr':
      return [terminal.dim('─'.repeat(width)), ''];
    case 'html': {
      // The only other HTML in the bot's texts is hidden markers.
      const [, title] = /<summary>(.*)<\/summary>/.exec(token.raw) ?? [];
      return title === undefined ? [] : [...wrap(terminal.bold(title), width, '▾ '), ''];
    }
    default:
      // Omit tokens of type `space`.
      return [];
  }
}

function renderList({ items, ordered }: Tokens.List, terminal: Terminal, width: number): string[] {
  return items.flatMap((item, index) => {
    const mark = ordered ? `${index + 1}. ` : '- ';
    const inner = renderBlocks(item.tokens, terminal, width - mark.length).filter(Boolean);
    return inner.map((line, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${line}`);
  });
}

/** Renders a table. If it is too wide, its widest column becomes narrower. */
function renderTable({ header, rows }: Tokens.Table, terminal: Terminal, width: number): string[] {
  const cells = [header, ...rows].map((row) => row.map(({ tokens }) => renderInline(tokens, terminal)));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const over = widths.reduce((sum, one) => sum + one, 2 * (widths.length - 1)) - width;
  const widest = widths.indexOf(Math.max(...widths));
  if (over > 0) widths[widest] = Math.max(10, (widths[widest] ?? 0) - over);
  const rule = terminal.dim(widths.map((one) => '─'.repeat(one)).join('  '));
  return cells.flatMap((row, index) => {
    const columns = row.map((cell, column) => wrap(cell, widths[column] ?? width));
    const height = Math.max(...columns.map(({ length }) => length));
    const lines = Array.from({ length: height }, (_, line) =>
      columns
        .map((column, at) => pad(column[line] ?? '', widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    return index === 0 ? [...lines, rule] : lines;
  });
}

/** Renders a quote. A quote that begins with a kind such as `[!WARNING]` is one of GitHub's alerts. */
function renderQuote({ text, tokens }: Tokens.Blockquote, terminal: Terminal, width: number): string[] {
  const [, kind, rest] = /^\[!([A-Z]+)\]\s*(.*)$/s.exec(text) ?? [];
  const inner =
    kind && rest !== undefined
      ? [terminal.bold(kind), ...renderMarkdown(rest, terminal, width - 2)]
      : renderBlocks(tokens, terminal, width - 2);
  return inner.filter(Boolean).map((line) => `${terminal.dim('│')} ${line}`);
}

function renderInline(tokens: Token[] | undefined, terminal: Terminal): string {
  return (tokens ?? [])
    .map((token) => {
      if (token.type === 'strong') return terminal.bold(renderInline(token.tokens, terminal));
      if (token.type === 'codespan') return terminal.cyan(token.text);
      if (token.type === 'html') return '';
      if (token.type === 'br') return ' ';
      if ('tokens' in token && token.tokens) return renderInline(token.tokens, terminal);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}
