import { describe, expect, test } from '@jest/globals';
import { parseCommand } from '../../src/intake/parse-command.js';

describe('a comment is a command', () => {
  test.each([
    ['/implement', ''],
    ['/implement use a partial index', 'use a partial index'],
    ['Good idea.\n\n/implement\nMind the old rows.', 'Mind the old rows.'],
    ['/implement with words\r\nand a second line', 'with words\nand a second line'],
    ['```\ncode\n```\n/implement', ''],
  ])('%j', (comment, words) => {
    expect(parseCommand(comment)).toEqual({ name: 'implement', words });
  });
});

describe('a comment is no command', () => {
  test.each([
    ['in the middle of a line', 'please /implement this'],
    ['in a quote', '> /implement'],
    ['in a fenced code block', '```\n/implement\n```'],
    ['in a fence that is never closed', '~~~\n/implement'],
    ['in a longer fence that a shorter one does not close', '````\n```\n/implement\n````'],
    ['in an indented code block', '    /implement'],
    ['in an HTML comment', '<!--\n/implement\n-->'],
    ['in an HTML comment that is never closed', 'x <!--\n/implement'],
    ['as part of a longer word', '/implementation'],
    ['as another command', '/deploy'],
    ['in capitals', '/IMPLEMENT'],
    ['in nothing', ''],
  ])('%s', (_, comment) => {
    expect(parseCommand(comment)).toBeNull();
  });
});
