import { describe, expect, test } from '@jest/globals';
import { parseCommand } from '../../src/webhooks/parse-command.js';

describe('a comment is a command', () => {
  test.each([
    ['/implement', ''],
    ['/implement use a partial index', 'use a partial index'],
    ['Good idea.\n\n/implement\nMind the old rows.', 'Mind the old rows.'],
    ['/implement with words\r\nand a second line', 'with words\nand a second line'],
    ['```\ncode\n```\n/implement', ''],
    ['```\ncode\n```\n/implement as in\n```\nthat\n```', 'as in\n```\nthat\n```'],
    ['> quoted\n\n/implement in blue\n\n> /implement in red\n\nplease', 'in blue\n\n\n\nplease'],
    ['> quoted\n/implement in blue', 'in blue'],
    ['- a point\n- another\n\n/implement', ''],
    ['Use Map<string> and `x`\n/implement', ''],
    ['<details>\n<summary>Logs</summary>\n\n```\nx\n```\n\n</details>\n\n/implement', ''],
    ['see `<!--` there\n/implement', ''],
    ['/implement <!-- x -->', '<!-- x -->'],
  ])('%j', (comment, words) => {
    expect(parseCommand(comment)).toEqual({
      name: 'implement',
      instructions: words,
      agent: null,
      anyway: false,
      plan: false,
      effort: null,
    });
  });
});

describe('a command may have an argument', () => {
  test.each([
    ['/implement @painter', { name: 'implement', agent: 'painter', instructions: '' }],
    [
      '/implement --anyway and mind the rows',
      { name: 'implement', anyway: true, instructions: 'and mind the rows' },
    ],
    ['/implement --plan', { plan: true, instructions: '' }],
    ['/implement @painter --anyway in blue', { agent: 'painter', anyway: true, instructions: 'in blue' }],
    ['/implement ask @ada about it', { agent: null, instructions: 'ask @ada about it' }],
    ['/stop', { name: 'stop', instructions: '' }],
    ['/stop keep', { name: 'stop', instructions: 'keep' }],
    ['/status', { name: 'status' }],
    ['/retry from scratch', { name: 'retry', instructions: 'from scratch' }],
    ['/allow-secret config/app.ts:3', { name: 'allow-secret', instructions: 'config/app.ts:3' }],
    ['/allow-secret `a b.ts`\nIt is a fixture.', { name: 'allow-secret', instructions: '`a b.ts`' }],
    ['/stop\n\nThis goes the wrong way.', { name: 'stop', instructions: '' }],
    ['/stop keep\nIt is nearly there.', { name: 'stop', instructions: 'keep' }],
    ['/retry\n\nOn Monday, Ada wrote:\n> from the top', { name: 'retry', instructions: '' }],
    ['/Stop.', { name: 'stop', instructions: '' }],
    ['  /STATUS', { name: 'status' }],
    ['/implement: in blue', { name: 'implement', instructions: 'in blue' }],
    ['/implement @Painter, in blue', { name: 'implement', agent: 'painter', instructions: 'in blue' }],
    ['/implement --effort high in blue', { effort: 'high', instructions: 'in blue' }],
    [
      '/implement @painter —effort=XHigh, in blue',
      { agent: 'painter', effort: 'xhigh', instructions: 'in blue' },
    ],
    ['/implement --anyway --effort low', { anyway: true, effort: 'low', instructions: '' }],
    ['/implement --effort paint it', { effort: 'paint', instructions: 'it' }],
    ['/implement --effort', { effort: '', instructions: '' }],
    ['/implement --effort\nin blue', { effort: '', instructions: 'in blue' }],
    ['/implement --effortless in blue', { effort: null, instructions: '--effortless in blue' }],
    ['/implement —anyway in blue', { name: 'implement', anyway: true, instructions: 'in blue' }],
  ])('%j', (comment, expected) => {
    expect(parseCommand(comment)).toMatchObject(expected);
  });
});

describe('people can mention the bot', () => {
  test.each([
    ['@pullwright /implement in blue', { name: 'implement', instructions: 'in blue' }],
    ['@pullwright implement this', { name: 'implement', instructions: 'this' }],
    ['@Pullwright[bot], Implement: in blue', { name: 'implement', instructions: 'in blue' }],
    ['@pullwright please say\nhello', { name: 'implement', instructions: 'please say\nhello' }],
    ['Thanks.\n\n@pullwright: stop', { name: 'stop', instructions: '' }],
    ['@pullwright stop keep', { name: 'stop', instructions: 'keep' }],
    [
      '@pullwright stop the log from growing',
      { name: 'implement', instructions: 'stop the log from growing' },
    ],
    ['@pullwright please stop', { name: 'stop', instructions: '' }],
    ['@pullwright stop, please!', { name: 'stop', instructions: '' }],
    ['@pullwright cancel this', { name: 'help' }],
    ['@pullwright status', { name: 'status' }],
    ['@pullwright', { name: 'help' }],
    [
      '@pullwright implement @painter in blue',
      { name: 'implement', agent: 'painter', instructions: 'in blue' },
    ],
    // The first of several counts.
    ['/status\n@pullwright stop', { name: 'status' }],
  ])('%j', (comment, expected) => {
    expect(parseCommand(comment, 'pullwright')).toMatchObject(expected);
  });

  test.each([
    'Ask @pullwright to stop',
    '> @pullwright stop',
    '`@pullwright stop`',
    '@pullwright thanks, great work!',
    '@pullwright-two stop',
    '@ada stop',
    '@pullwright/team stop',
  ])('but not as in %j', (comment) => {
    expect(parseCommand(comment, 'pullwright')).toBeNull();
  });

  test('only if its name is known', () => {
    expect(parseCommand('@pullwright stop')).toBeNull();
  });
});

describe('characters that nobody sees can come before a command', () => {
  test.each(['\uFEFF/stop', '\u200B/stop', '\u00A0/stop', 'Hello.\n\u2060 \u200E/stop'])('%j', (comment) => {
    expect(parseCommand(comment)?.name).toBe('stop');
  });
});

describe('text that resembles a command gets the list of commands', () => {
  test.each([
    '/implment',
    '/allow-secret',
    '/allow-secrets a.ts',
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

describe('a comment is not a command', () => {
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
    ['in nothing', ''],
    ['in <pre>', '<pre>\n/implement rm\n</pre>'],
    ['in <pre>, with empty lines', 'a <pre>\n\n/implement rm\n\n</pre>'],
    ['in a block of HTML', '<div>\n/implement rm\n</div>'],
    ['in a quote in HTML', '<blockquote>\n\n/implement rm\n\n</blockquote>'],
    ['struck', '<del>\n\n/implement rm\n\n</del>'],
    ['folded', '<details>\n\n/implement rm\n\n</details>'],
    ['in a code span of several lines', 'text `code\n/implement rm\nmore`'],
    ['in a fence that a line with another space does not close', '```\n```\u00a0\n/implement rm\n```'],
    ['in the title of a definition', '[x]: # "\n/implement rm\n"'],
    ['in the title of a link', '[x](y "\n/implement rm\n")'],
    ['in the text of a link', '[x\n/implement rm\n](y)'],
    ['in the text of an image', '![x\n/implement rm\n](y)'],
    ['in a declaration', '<?\n/implement rm\n?>'],
    ['in an attribute', '<div title="\n/implement rm\n">'],
    ['in an attribute, with empty lines', '<div title="\n\n/implement rm\n\n">'],
    ['in an attribute within a sentence', 'a <b title="\n/implement rm\n">c</b>'],
    ['in an element that is not shown', '<template>\n\n/implement rm\n\n</template>'],
    ['in a footnote', 'a[^1]\n\n[^1]: b\n/implement rm'],
    ['in a table', 'a | b\n--|--\n/implement | rm'],
    ['in a formula', '$$\n/implement rm\n$$'],
    ['behind what takes long to read', `${'[a]'.repeat(10_000)}\n\n/implement`],
  ])('%s', (_, comment) => {
    expect(parseCommand(comment)).toBeNull();
  });
});
