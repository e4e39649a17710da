import { escapeMarkdown } from '../../src/text/escape-markdown.js';
import { inlineText } from '../../src/text/inline-text.js';
import { quote, statement } from '../../src/text/quote.js';
import type { HostileInput } from './hostile-input.js';

const pieces = [
  ...[
    'fix ',
    'fix-',
    `fix${'-'.repeat(180)}`,
    'duplicate ',
    '#1',
    '\\#1',
    '\\',
    '\\`',
    'gh-',
    '@',
    '&#',
    '&a',
  ],
  ...[
    '[no',
    '[',
    '](',
    '](  ',
    '[!',
    '- [',
    '<!',
    '!',
    '$',
    '***',
    'www.',
    'https://',
    '//',
    '/issues/',
    '/%69ssues',
    '%2f',
  ],
  ...[
    '`',
    '```',
    '``` ',
    'a `',
    '~',
    '# ',
    '=',
    '> ',
    '1. ',
    'bors ',
    'test this',
    'a-by',
    '-a',
    '\u001b[',
    '\u200b',
  ],
  ...[' ', '\t', '\n', '\r', '\n>', '\n\n', ' \n'],
];

/** Text of models and programs, before people read it. */
export const outgoingText: HostileInput[] = pieces.map((piece) => {
  const text = piece.repeat(Math.ceil(150_000 / piece.length));
  return {
    name: `escaping repetitions of ${JSON.stringify(piece.slice(0, 20))}`,
    maxUnits: 200,
    work: () => {
      escapeMarkdown(text);
      inlineText(text, 200_000);
      quote(text, 200_000);
      statement(text, 200_000);
    },
  };
});
