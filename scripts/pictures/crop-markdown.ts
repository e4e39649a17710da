import { lexer, type Token } from 'marked';

/**
 * Keeps the first sections of a long text.
 * @param sections number of sections to keep; text before the first heading counts as a section
 * @returns the Markdown of these sections, and the headings of the other sections
 */
export function cropMarkdown(markdown: string, sections: number): { kept: string; dropped: string[] } {
  const tokens = lexer(markdown);
  const topLevel = Math.min(...tokens.map((token) => depthOf(token) ?? Number.POSITIVE_INFINITY));
  const groups: Token[][] = [];
  for (const token of tokens) {
    const last = groups.at(-1);
    if (!last || depthOf(token) === topLevel) groups.push([token]);
    else last.push(token);
  }
  return {
    kept: groups
      .slice(0, sections)
      .flat()
      .map(({ raw }) => raw)
      .join(''),
    dropped: groups
      .slice(sections)
      .map(([first]) => (first && 'text' in first ? String(first.text).replaceAll('`', '') : '')),
  };
}

/** Returns the level of a heading, and null for any other token. */
function depthOf(token: Token): number | null {
  return token.type === 'heading' ? token.depth : null;
}
