import { describe, expect, test } from '@jest/globals';
import { cleanLog, endOf } from '../../src/text/clean-log.js';

const at = (line: string) => `2026-01-02T03:04:05.1234567Z ${line}`;

describe('cleanLog', () => {
  test('removes times, the byte order mark and colors, and nothing else', () => {
    const raw = [
      `\uFEFF${at('##[group]Run npm test')}`,
      at('\u001B[31mFAIL\u001B[0m test/greet.test.js'),
      at('  at 2026-01-02T00:00:00Z the clock says [31m'),
      'a line without a time\r',
    ].join('\n');
    expect(cleanLog(raw)).toBe(
      '##[group]Run npm test\nFAIL test/greet.test.js\n  at 2026-01-02T00:00:00Z the clock says [31m\na line without a time',
    );
  });

  test('keeps the last text of a line that a progress bar overwrote', () => {
    expect(cleanLog(at('10 %\r50 %\r100 %\r'))).toBe('100 %');
  });

  test('ends with the last error and leaves out the cleanup steps after it', () => {
    const raw = [
      at('first'),
      at('##[error]Process completed with exit code 1.'),
      at('Post job cleanup.'),
    ].join('\n');
    expect(cleanLog(raw)).toBe('first\n##[error]Process completed with exit code 1.');
    expect(cleanLog(at('Post job cleanup.'))).toBe('Post job cleanup.');
  });
});

describe('endOf', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');

  test('keeps a short text, and whole lines of the end of a long one', () => {
    expect(endOf(lines, lines.length)).toBe(lines);
    const end = endOf(lines, 200);
    expect(end.length).toBeLessThanOrEqual(200);
    expect(end).toMatch(/^\[the beginning is left out\]\nline \d+\n/);
    expect(end.endsWith('line 98\nline 99')).toBe(true);
  });

  test('cuts a single line that is longer than the room, and no character in half', () => {
    const end = endOf('😀'.repeat(1000), 101);
    expect(end.length).toBeLessThanOrEqual(101);
    expect(end.isWellFormed()).toBe(true);
    expect(end).toContain('😀😀');
  });
});
