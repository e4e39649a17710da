import type { Cut } from './cut.js';

/** Shown as a map or a model; its source is not. */
const drawn = new Set(['geojson', 'topojson', 'stl']);
/** What can leave out, cover or define without a sign; what stands behind it in a formula is not relied on. */
const hidingCommand =
  /\\(?:[hv]?phantom|m?smash|(?:text|define)?color|f?colorbox|[egx]?def|(?:re)?newcommand|let|href|url|class|style|cssId|data|bbox|texttip|mathtip|toggle|require|[hv]space|[mh]?skip|m?kern|[lrc]lap|mathllap|mathrlap|label|tag|unicode|raise|lower|move(?:left|right))(?![a-z])[\s\S]*/i;
const texComment = /(?<=(?:^|[^\\])(?:\\\\){0,99})%[^\n]*/gm;
const mermaidHidden = [
  /^\s*---\n[\s\S]*?\n[ \t]*---(?=\s|$)/,
  /%%[^\n]*/g,
  /accDescr\s*\{[^}]*\}?/gi,
  /<(?!br ?\/?>)[!?/a-z][^>]*>?/gi,
  /^[ \t]*(?:accTitle|accDescr|click|style|linkStyle|classDef|links?|properties|details)\b[^\n]*/gim,
];

/** What is not shown of a code block that GitHub draws as something else. */
export function findHiddenInDrawing(language: string, source: string, start: number): Cut[] {
  const end = start + source.length;
  if (drawn.has(language))
    return source.trim() === '' ? [] : [{ start, end, kind: 'the source of a drawing' }];
  if (language === 'mermaid')
    return mermaidHidden.flatMap((pattern) => findAll(pattern, source, start, 'a comment in a drawing'));
  return language === 'math' ? findHiddenInFormula(source, start) : [];
}

/** Formulas between dollars, as GitHub finds them in running text. */
const formulas = [
  /\$\$([\s\S]+?)\$\$/g,
  /(?<![\w$\\])\$`([^`\n]*)`\$/g,
  /(?<![\w$\\])\$(?![\s`])([^$\n]*[^\s$\\])\$(?![\w$])/g,
];

export function findFormulas(text: string): { start: number; end: number; source: string }[] {
  return formulas.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ 0: whole, 1: source = '', index }) => ({
      start: index + whole.indexOf(source),
      end: index + whole.length,
      source,
    })),
  );
}

export function findHiddenInFormulas(text: string): Cut[] {
  return findFormulas(text).flatMap(({ source, start }) => findHiddenInFormula(source, start));
}

function findHiddenInFormula(source: string, start: number): Cut[] {
  return [
    ...findAll(texComment, source, start, 'a comment in a formula'),
    ...findAll(hidingCommand, source, start, 'a part of a formula'),
  ];
}

function findAll(pattern: RegExp, source: string, start: number, kind: string): Cut[] {
  const matches = pattern.global ? [...source.matchAll(pattern)] : [pattern.exec(source)];
  return matches.flatMap((found) =>
    found?.[0].trim()
      ? [{ start: start + found.index, end: start + found.index + found[0].length, kind }]
      : [],
  );
}
