import { describe, expect, test } from '@jest/globals';
import { findCodeLines } from '../../../src/evidence/changed-lines/find-code-lines.js';

const linesOf = (file: string, text: string) => findCodeLines(file, text)?.map(({ line }) => line);

describe('lines that can run', () => {
  test('are not comments, blank lines, brackets, imports and exports of names', () => {
    const text = `// a comment
import a from 'a';
import {
  b,
} from 'b';
const c = require('c');
/* another
   comment */

export { b };
export * from 'd';
'use strict';

export function f(x) {
  if (x) {
    return [
      1,
    ];
  } else {
    try {
      g();
    } finally {
      h();
    }
  }
}
`;
    expect(linesOf('a.js', text)).toEqual([12, 14, 15, 16, 17, 21, 23]);
  });

  test('are not types', () => {
    const text = `import type { A } from 'a';
export interface B {
  c: string;
}
type C =
  | 'x'
  | 'y';
declare const d: number;
export type { A };
enum E {
  F = 1,
}
export const g = (
  h: C,
  i: A,
): B => ({ c: h }) satisfies B;
`;
    expect(linesOf('a.ts', text)).toEqual([10, 11, 13, 14, 15, 16]);
  });

  test('are found in JSX, with decorators, and at the top level of CommonJS', () => {
    expect(linesOf('a.jsx', 'const a = () => (\n  <p>\n    text {b}\n  </p>\n);\n')).toEqual([1, 2, 3, 4]);
    expect(linesOf('a.ts', '@Injectable()\nclass A {\n  @Get()\n  b() {}\n}\n')).toEqual([1, 2, 3, 4]);
    expect(linesOf('a.cjs', 'if (x) return;\nexports.y = 1;\n')).toEqual([1, 2]);
  });

  test('are unknown if the file cannot be parsed', () => {
    expect(findCodeLines('a.js', 'const = ;')).toBeNull();
    expect(findCodeLines('a.js', '('.repeat(50_000))).toBeNull();
  });
});
