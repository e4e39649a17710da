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
  /** Offsets of the replaced code, in bytes of UTF-8. */
  from: number;
  to: number;
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
    const line = found ? lineOf(text, found.start) : 0;
    if (!found || !lines.has(line)) return true;
    const { start, end, replacement, rank } = found;
    const [from, to] = [start, end].map((offset) => Buffer.byteLength(text.slice(0, offset))) as [
      number,
      number,
    ];
    const was = shorten(text.slice(start, end));
    edits.push({ file, line, was, now: shorten(replacement), from, to, replacement, rank });
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
  if (withOperator.has(type)) return replaceOperator(node, script);
  const source = text.slice(start, end);
  if (type === 'BooleanLiteral')
    return { start, end, replacement: source === 'true' ? 'false' : 'true', rank: 4 };
  if (type === 'ExpressionStatement' && isCall(node.expression))
    return { start, end: source.endsWith(';') ? end - 1 : end, replacement: '', rank: 3 };
  const isCondition =
    parent !== null &&
    (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression') &&
    parent.test === node;
  if (!isCondition || type === 'BooleanLiteral') return null;
  if (type === 'UnaryExpression' && node.operator === '!')
    return { start, end, replacement: source.slice(1).trim(), rank: 1 };
  return { start, end, replacement: `!(${source})`, rank: 1 };
}

function replaceOperator(node: SyntaxNode, { tokens }: Script): Replacement | null {
  const { operator, left, right } = node;
  const [other, rank] = operators[String(operator)] ?? [];
  if (other === undefined || rank === undefined || !isNode(left) || !isNode(right)) return null;
  if (String(operator).startsWith('+') && [left, right].some(isText)) return null;
  const token = tokens.find(
    (one) => one.text === operator && one.start >= left.end && one.start < right.start,
  );
  if (!token) return null;
  return { start: token.start, end: token.start + token.text.length, replacement: other, rank };
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

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function shorten(code: string): string {
  const line = code.replace(/\s+/g, ' ');
  return line.length > maxShown ? `${line.slice(0, maxShown - 1).toWellFormed()}…` : line;
}
