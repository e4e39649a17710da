import {
  isDeclarative,
  isNode,
  parseScript,
  type Script,
  type SyntaxNode,
  walk,
} from '../changed-lines/parse-script.js';
import type { Mutation } from '../evidence.js';

/** A mutation, and how to make it. */
export interface Edit extends Mutation {
  /** Offsets of the replaced code in the text of the file. */
  start: number;
  end: number;
  replacement: string;
  /** The lower, the more its absence says about the tests. */
  rank: number;
}

/** The operators that replace each other, and their rank. */
const operators: Readonly<Record<string, readonly [string, number]>> = {
  '<': ['<=', 0],
  '<=': ['<', 0],
  '>': ['>=', 0],
  '>=': ['>', 0],
  '===': ['!==', 1],
  '!==': ['===', 1],
  '==': ['!=', 1],
  '!=': ['==', 1],
  '&&': ['||', 1],
  '||': ['&&', 1],
  '+': ['-', 2],
  '-': ['+', 2],
  '*': ['/', 2],
  '/': ['*', 2],
  '%': ['*', 2],
  '+=': ['-=', 2],
  '-=': ['+=', 2],
};
const withOperator = new Set(['BinaryExpression', 'LogicalExpression', 'AssignmentExpression']);
const loops = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);
const maxShown = 60;

/** A replacement of code, with offsets in the text of the file. */
interface Replacement {
  line: number;
  start: number;
  end: number;
  replacement: string;
  rank: number;
}

/**
 * Finds the small faults that can be put into a file.
 * @param lines the lines that may change
 */
export function findMutations(file: string, text: string, lines: ReadonlySet<number>): Edit[] {
  const script = parseScript(file, text);
  if (!script) return [];
  const edits: Edit[] = [];
  const isFree = (node: SyntaxNode, parent: SyntaxNode | null) =>
    !isDeclarative(node) && !isLog(node, text) && !(parent && loops.has(parent.type) && parent.test === node);
  walk(script.program, (node, parent) => {
    // A changed condition of a loop mostly makes it endless.
    if (!isFree(node, parent)) return false;
    const found = mutate(node, parent, script, text);
    if (found && lines.has(found.line)) {
      const was = shorten(text.slice(found.start, found.end));
      edits.push({ ...found, file, was, now: shorten(found.replacement) });
    }
    return true;
  });
  return edits;
}

function mutate(
  node: SyntaxNode,
  parent: SyntaxNode | null,
  script: Script,
  text: string,
): Replacement | null {
  const { type, start, end } = node;
  const { line } = node.loc.start;
  if (withOperator.has(type)) return replaceOperator(node, script);
  const source = text.slice(start, end);
  if (type === 'BooleanLiteral')
    return { line, start, end, replacement: source === 'true' ? 'false' : 'true', rank: 4 };
  if (type === 'ExpressionStatement' && isCall(node.expression))
    return { line, start, end: source.endsWith(';') ? end - 1 : end, replacement: '', rank: 3 };
  const isCondition =
    parent !== null &&
    (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression') &&
    parent.test === node;
  if (!isCondition || type === 'BooleanLiteral') return null;
  if (type === 'UnaryExpression' && node.operator === '!')
    return { line, start, end, replacement: source.slice(1).trim(), rank: 1 };
  return { line, start, end, replacement: `!(${source})`, rank: 1 };
}

function replaceOperator(node: SyntaxNode, { tokens }: Script): Replacement | null {
  const { operator, left, right } = node;
  const [other, rank] = operators[String(operator)] ?? [];
  if (other === undefined || rank === undefined || !isNode(left) || !isNode(right)) return null;
  if (String(operator).startsWith('+') && [left, right].some(isText)) return null;
  let at = findToken(tokens, left.end);
  while ((tokens[at]?.start ?? right.start) < right.start && tokens[at]?.text !== operator) at += 1;
  const token = tokens[at];
  if (!token || token.start >= right.start) return null;
  return {
    line: token.line,
    start: token.start,
    end: token.start + token.text.length,
    replacement: other,
    rank,
  };
}

/** Returns the index of the first token at an offset or after it. */
function findToken(tokens: Script['tokens'], offset: number): number {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns whether an expression is obviously a text. Only `+` can join texts. */
function isText(node: SyntaxNode): boolean {
  if (node.type === 'StringLiteral' || node.type === 'TemplateLiteral') return true;
  const { operator, left, right } = node;
  return operator === '+' && [left, right].some((one) => isNode(one) && isText(one));
}

function isCall(node: unknown): boolean {
  if (!isNode(node)) return false;
  return node.type === 'AwaitExpression' ? isCall(node.argument) : node.type === 'CallExpression';
}

/** Returns whether a statement only writes a log. Tests rarely look at it. */
function isLog({ type, start, end }: SyntaxNode, text: string): boolean {
  return type === 'ExpressionStatement' && log.test(text.slice(start, end));
}

const log = /^(?:await\s+)?(?:this\.)?(?:\w+\.)?(?:console|log(?:ger)?|debug)\b[\w.]*\(/i;

function shorten(code: string): string {
  const line = code.replace(/\s+/g, ' ');
  return line.length > maxShown ? `${line.slice(0, maxShown - 1).toWellFormed()}…` : line;
}
