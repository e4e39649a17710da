// Describes the error of a failed test, for the reporters of Node's test runners.
'use strict';
const { inspect } = require('util');

/** The full description of an error is long. After this many failures of a process, reporters leave it out. */
exports.maxDescribed = 100;
const maxCharacters = 10_000;
const format = { depth: 4, breakLength: 100, maxArrayLength: 50, maxStringLength: 1000 };

/**
 * Returns the stack of an error, the values that an assertion compared, and the causes of the error. If the
 * assertion wrote its message itself, the message contains these values already.
 */
function describe(error, depth = 0) {
  if (typeof error !== 'object' || error === null) return inspect(error, format);
  const stack = String(error.stack || '');
  const message = String(error.message || inspect(error, format));
  const parts = [stack.includes(message) ? stack : `${message}\n${stack}`];
  if ('expected' in error && 'actual' in error && error.generatedMessage !== true)
    parts.push(`expected: ${show(error.expected)}`, `actual: ${show(error.actual)}`);
  if (error.cause && depth < 3) parts.push(`caused by: ${describe(error.cause, depth + 1)}`);
  return parts.join('\n');
}

/** Mocha replaces compared objects by texts of several lines. */
function show(value) {
  return typeof value === 'string' && value.includes('\n') ? value : inspect(value, format);
}

exports.describeError = (error) => exports.shorten(describe(error));

/** Cuts out the middle of a long text. */
exports.shorten = function shorten(text) {
  const half = maxCharacters / 2;
  return text.length <= maxCharacters ? text : `${text.slice(0, half)}\n…\n${text.slice(-half)}`;
};
