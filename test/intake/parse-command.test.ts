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
    expect(parseCommand(comment)).toEqual({ name: 'implement', words, agent: null, anyway: false });
  });
});

describe('a command may say more', () => {
  test.each([
    ['/implement @painter', { name: 'implement', agent: 'painter', words: '' }],
    [
      '/implement --anyway and mind the rows',
      { name: 'implement', anyway: true, words: 'and mind the rows' },
    ],
    ['/implement @painter --anyway in blue', { agent: 'painter', anyway: true, words: 'in blue' }],
    ['/implement ask @ada about it', { agent: null, words: 'ask @ada about it' }],
    ['/stop', { name: 'stop', words: '' }],
    ['/stop keep', { name: 'stop', words: 'keep' }],
    ['/status', { name: 'status' }],
    ['/retry from scratch', { name: 'retry', words: 'from scratch' }],
  ])('%j', (comment, expected) => {
    expect(parseCommand(comment)).toMatchObject(expected);
  });
});

describe('what only looks like a command of ours asks for the list', () => {
  test.each([
    '/implment',
    '/implements',
    '/impelment',
    '/stopp',
    '/statsu',
    '/retyr',
    '/stop it now',
    '/retry from the top',
  ])('%s', (comment) => {
    expect(parseCommand(comment)?.name).toBe('help');
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
    ['as another bot’s command', '/deploy'],
    ['as another bot’s command that is near', '/start'],
    ['in capitals', '/IMPLEMENT'],
    ['in nothing', ''],
  ])('%s', (_, comment) => {
    expect(parseCommand(comment)).toBeNull();
  });
});
