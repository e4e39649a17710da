import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/*
 * Evaluates the expressions of GitHub Actions, such as `${{ matrix.node }}`, with GitHub's own library. A
 * value that only GitHub knows has no place in the result.
 */

/** Returns the value of a path such as `matrix.node`; undefined if only GitHub knows it. */
export type Lookup = (path: readonly string[]) => unknown;

class UnknownValue extends Error {}

const contexts = [
  'github',
  'env',
  'matrix',
  'runner',
  'secrets',
  'vars',
  'inputs',
  'needs',
  'steps',
  'job',
  'jobs',
  'strategy',
];
const statusFunctions = { success: true, always: true, failure: false, cancelled: false };
const knownFunctions =
  /^(?:case|contains|endswith|format|fromjson|join|startswith|tojson|success|always|failure|cancelled|hashfiles)$/i;
/** Nested calls could otherwise create texts that fill the memory. */
const maxCharacters = 65_536;
const maxExpression = 2000;

type Call = Parameters<Evaluator['visitFunctionCall']>[0];
type Access = Parameters<Evaluator['visitIndexAccess']>[0];
type Logical = Parameters<Evaluator['visitLogical']>[0];
type Context = Parameters<Evaluator['visitContextAccess']>[0];
type Value = ReturnType<Evaluator['evaluate']>;

class LookupEvaluator extends Evaluator {
  constructor(
    expression: ConstructorParameters<typeof Evaluator>[0],
    private readonly lookup: Lookup,
    private readonly isCondition: boolean,
  ) {
    super(expression, new data.Dictionary());
  }

  override visitContextAccess(access: Context): Value {
    return this.find([access.name.lexeme.toLowerCase()]);
  }

  override visitIndexAccess(access: Access): Value {
    const path = this.pathOf(access);
    return path ? this.find(path) : super.visitIndexAccess(access);
  }

  /** In a condition, one known operand can decide although another one is unknown. */
  override visitLogical(logical: Logical): Value {
    if (!this.isCondition) return super.visitLogical(logical);
    const decides = logical.operator.lexeme === '||';
    let unknown: UnknownValue | undefined;
    let result: Value = new data.BooleanData(!decides);
    for (const operand of logical.args) {
      try {
        result = this.eval(operand);
      } catch (error) {
        if (!(error instanceof UnknownValue)) throw error;
        unknown = error;
        continue;
      }
      if (isTrue(result) === decides) return result;
    }
    if (unknown) throw unknown;
    return result;
  }

  override visitFunctionCall(call: Call): Value {
    const name = call.functionName.lexeme.toLowerCase();
    if (name === 'hashfiles') throw new UnknownValue('hashFiles');
    if (Object.hasOwn(statusFunctions, name))
      return new data.BooleanData(statusFunctions[name as keyof typeof statusFunctions]);
    const result = super.visitFunctionCall(call);
    if (result.kind === data.Kind.String && result.coerceString().length > maxCharacters)
      throw new UnknownValue('a text that is too long');
    return result;
  }

  private find(path: readonly string[]): Value {
    const value = this.lookup(path);
    if (value === undefined) throw new UnknownValue(path.join('.'));
    return JSON.parse(JSON.stringify(value), data.reviver) as Value;
  }

  /** @returns null if the expression is no chain of names such as `a.b['c']` */
  private pathOf(expression: unknown): string[] | null {
    const node = expression as Partial<Context & Access>;
    if (node.name) return [node.name.lexeme.toLowerCase()];
    if (
      !node.expr ||
      !node.index ||
      !('literal' in node.index || 'args' in node.index || 'expr' in node.index)
    )
      return null;
    const base = this.pathOf(node.expr);
    return base && [...base, this.eval(node.index).coerceString()];
  }
}

function isTrue(value: Value): boolean {
  if (value.kind === data.Kind.Null) return false;
  if (value.kind === data.Kind.Boolean || value.kind === data.Kind.Number) return value.number() !== 0;
  return value.kind !== data.Kind.String || value.coerceString() !== '';
}

/** @throws UnknownValue */
function evaluate(expression: string, lookup: Lookup, isCondition: boolean): Value {
  if (expression.length > maxExpression) throw new UnknownValue(expression.slice(0, 50));
  try {
    const { tokens } = new Lexer(expression).lex();
    tokens.forEach((token, index) => {
      const isCall = tokens[index + 1]?.lexeme === '(' && /^\w+$/.test(token.lexeme);
      if (isCall && !knownFunctions.test(token.lexeme)) throw new UnknownValue(token.lexeme);
    });
    const functions = ['hashFiles', ...Object.keys(statusFunctions)].map((name) => {
      return { name, description: '', minArgs: 0, maxArgs: 255 };
    });
    const parsed = new Parser(tokens, contexts, functions).parse();
    return new LookupEvaluator(parsed, lookup, isCondition).evaluate();
  } catch (error) {
    if (error instanceof UnknownValue) throw error;
    // The expression is not valid. GitHub would refuse it too.
    throw new UnknownValue(expression.slice(0, 50));
  }
}

/**
 * Evaluates the condition of a step or a job. It may stand in `${{ }}`.
 * @returns null if the result depends on a value that only GitHub knows
 */
export function evaluateCondition(condition: string, lookup: Lookup): boolean | null {
  const text = condition.trim();
  const parts = splitExpressions(text);
  const [only] = parts;
  if (text === '') return true;
  if (parts.length === 1 && only && 'expression' in only) return decide(only.expression, lookup);
  if (!text.includes('${{')) return decide(text, lookup);
  const replaced = interpolate(text, lookup);
  return replaced.isKnown ? replaced.text !== '' : null;
}

function decide(expression: string, lookup: Lookup): boolean | null {
  try {
    return isTrue(evaluate(expression, lookup, true));
  } catch (error) {
    if (error instanceof UnknownValue) return null;
    throw error;
  }
}

/** Stands in an interpolated text for a value that only GitHub knows. */
export const unknownMark = '\u0000';

/** Replaces the expressions in a text. */
export function interpolate(text: string, lookup: Lookup): { text: string; isKnown: boolean } {
  let isKnown = true;
  let result = '';
  for (const part of splitExpressions(text)) {
    if ('plain' in part) result += part.plain;
    else
      try {
        result += evaluate(part.expression, lookup, false).coerceString();
      } catch (error) {
        if (!(error instanceof UnknownValue)) throw error;
        isKnown = false;
        result += unknownMark;
      }
    if (result.length > 4 * maxCharacters) return { text: unknownMark, isKnown: false };
  }
  return { text: result, isKnown };
}

/**
 * Evaluates a text that is one expression, such as `${{ fromJSON('[18, 20]') }}`.
 * @returns a plain value; undefined if it is not known
 */
export function evaluateValue(text: string, lookup: Lookup): unknown {
  const [only, ...more] = splitExpressions(text.trim());
  if (!only || more.length > 0 || 'plain' in only) return interpolateKnown(text, lookup);
  try {
    return JSON.parse(JSON.stringify(evaluate(only.expression, lookup, false), data.replacer));
  } catch (error) {
    if (error instanceof UnknownValue) return undefined;
    throw error;
  }
}

function interpolateKnown(text: string, lookup: Lookup): string | undefined {
  const result = interpolate(text, lookup);
  return result.isKnown ? result.text : undefined;
}

type Part = { plain: string } | { expression: string };

/** Splits a text into plain parts and expressions. Quotes in an expression may contain `}}`. */
function splitExpressions(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('${{', at);
    const end = start < 0 ? -1 : findEnd(text, start + 3);
    if (end < 0) break;
    if (start > at) parts.push({ plain: text.slice(at, start) });
    parts.push({ expression: text.slice(start + 3, end).trim() });
    at = end + 2;
  }
  if (at < text.length) parts.push({ plain: text.slice(at) });
  return parts;
}

function findEnd(text: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "'") isQuoted = !isQuoted;
    else if (!isQuoted && text.startsWith('}}', at)) return at;
  }
  return -1;
}
