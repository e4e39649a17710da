import path from 'node:path';
import { type ParserPlugin, parse } from '@babel/parser';

/** A node of a syntax tree. Offsets count UTF-16 units, as V8 does. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  loc: { start: { line: number; column: number } };
  [key: string]: unknown;
}

/** A word, a literal or an operator. Comments are no tokens. */
export interface Token {
  text: string;
  start: number;
  line: number;
  /** Counts from 0. */
  column: number;
}

export interface Script {
  program: SyntaxNode;
  tokens: Token[];
}

const scripts = /\.[cm]?[jt]sx?$/;
const declarations = /\.d\.[cm]?ts$/;

/** Returns whether a file contains JavaScript or TypeScript that runs. */
export function isScript(file: string): boolean {
  return scripts.test(file) && !declarations.test(file);
}

/** @returns null if the text has syntax that the parser does not know */
export function parseScript(file: string, text: string): Script | null {
  const extension = path.posix.extname(file);
  const isTyped = /ts/.test(extension);
  const plugins: ParserPlugin[] = [
    'decorators-legacy',
    'explicitResourceManagement',
    ...(isTyped ? (['typescript'] as const) : []),
    ...(isTyped && extension !== '.tsx' ? [] : (['jsx'] as const)),
  ];
  try {
    const options = { sourceType: 'unambiguous', allowReturnOutsideFunction: true, tokens: true } as const;
    const file = parse(text, { ...options, plugins });
    const tokens = (file.tokens ?? []).flatMap(({ type, start, end, loc }): Token[] =>
      typeof type === 'string'
        ? []
        : [{ text: text.slice(start, end), start, line: loc.start.line, column: loc.start.column }],
    );
    return { program: file.program as unknown as SyntaxNode, tokens };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Visits a node and all nodes in it, from the outside to the inside.
 * @param visit returns false to leave out what is in the node
 */
export function walk(
  root: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null) => boolean,
): void {
  const waiting: [SyntaxNode, SyntaxNode | null][] = [[root, null]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, parent] = next;
    if (!visit(node, parent)) continue;
    for (const child of childrenOf(node).reverse()) waiting.push([child, node]);
  }
}

const attached = new Set(['leadingComments', 'innerComments', 'trailingComments', 'extra', 'loc']);

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.entries(node).flatMap(([key, value]) =>
    attached.has(key) ? [] : (Array.isArray(value) ? value : [value]).filter(isNode),
  );
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

const runs = new Set([
  ...['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'],
  ...['TSInstantiationExpression', 'TSEnumDeclaration', 'TSEnumBody', 'TSEnumMember', 'TSExportAssignment'],
  ...['TSParameterProperty', 'TSModuleDeclaration', 'TSModuleBlock'],
]);

/** Returns whether a node is only there for other files or for types, so that no test can run it. */
export function isDeclarative(node: SyntaxNode): boolean {
  const { type, declare, exportKind, declaration, declarations: declared } = node;
  if (declare === true || exportKind === 'type') return true;
  if (type === 'ImportDeclaration' || type === 'ExportAllDeclaration' || type === 'Directive') return true;
  if (type === 'ExportNamedDeclaration') return !isNode(declaration);
  if (type === 'VariableDeclaration' && Array.isArray(declared)) return declared.every(isRequire);
  return type.startsWith('TS') && !runs.has(type);
}

/** Returns whether a declaration is an import of CommonJS. */
function isRequire(declared: SyntaxNode): boolean {
  const { init } = declared;
  if (!isNode(init) || init.type !== 'CallExpression') return false;
  const { callee } = init;
  return isNode(callee) && callee.type === 'Identifier' && callee.name === 'require';
}
