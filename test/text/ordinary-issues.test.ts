import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { marked } from 'marked';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { parse } from 'yaml';
import { sanitizeText } from '../../src/text/sanitize.js';

interface OrdinaryIssue {
  kind: string;
  body: string;
  arrives?: string[];
  marks?: number;
}

const issues: OrdinaryIssue[] = parse(
  readFileSync(new URL('./ordinary-issues.yml', import.meta.url), 'utf8'),
);
const sanitize = (body: string) => sanitizeText(body, 40_000);

/** The words that a page shows, by another parser of Markdown than the one under test. */
function visibleWords(body: string): string[] {
  const filtered = /<(?=\/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b)/gi;
  const html = marked.parse(body, { async: false, gfm: true }).replace(filtered, '&lt;');
  return wordsOf(textOf(parseFragment(html, { scriptingEnabled: false })));
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  if ('content' in node) return textOf(node.content);
  return 'childNodes' in node ? node.childNodes.map((child) => ` ${textOf(child)}`).join('') : '';
}

function wordsOf(text: string): string[] {
  return text.replace(/\p{Cf}/gu, '').match(/[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu) ?? [];
}

/** The visible words of an issue that do not reach the agent. */
function lostWords({ body }: OrdinaryIssue): string[] {
  const left = new Map<string, number>();
  for (const word of wordsOf(sanitize(body).text)) left.set(word, (left.get(word) ?? 0) + 1);
  return visibleWords(body).filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count <= 0;
  });
}

test('at least 99.9 % of the visible words of ordinary issues reach the agent', () => {
  const words = issues.flatMap(({ body }) => visibleWords(body));
  const lost = issues.flatMap((issue) => lostWords(issue).map((word) => `${issue.kind}: ${word}`));
  expect(issues.length).toBeGreaterThanOrEqual(60);
  expect(words.length).toBeGreaterThan(2000);
  expect(lost.slice(Math.floor(words.length / 1000))).toEqual([]);
});

describe('an ordinary issue arrives with marks only where something is hidden', () => {
  test.each(issues.map((issue) => [issue.kind, issue] as const))(
    '%s',
    (_, { body, arrives = [], marks = 0 }) => {
      const { text, hidden } = sanitize(body);
      for (const phrase of arrives) expect(text).toContain(phrase);
      expect(text.match(/\[hidden text removed/g) ?? []).toHaveLength(marks);
      expect(hidden).toHaveLength(marks > 0 ? 1 : 0);
      expect(sanitize(text).text).toBe(text);
    },
  );
});
