import { cleanLog } from '../../src/text/clean-log.js';
import { sanitizeText } from '../../src/text/sanitize.js';
import type { HostileInput } from './hostile-input.js';

const pieces = [
  ...['[', '![', '](', '[a](b', '[a]', '[[a]', '![a][', '[x]: ', '[x]: y\n', '[x]:("\n', '[^1]', '[^1]: x\n'],
  ...[
    '<',
    '<a ',
    '<a b="',
    '<a b="c d">',
    '<b>',
    '<svg>',
    '<rp>',
    '<!--',
    '<!-->',
    '<?',
    '<div>\n',
    '<script>',
  ],
  ...['`', '` `` ', '~~~', '&', '&amp;', '$', '$a ', '$`', '$$a\n', 'a*b_', '> ', '- a\n', '1. ', '  - '],
  ...['|a', '|a|\n|-|\n', '# x\n', 'www.', 'a@b.c ', ' ', '\n', '\u200b', '👩\u200d'],
  '[hidden text removed, 1 character]',
];
const texts = [
  ...pieces.map((piece) => piece.repeat(32_000 / piece.length)),
  `&${'amp;'.repeat(7000)}lt;\n[x]:${' '.repeat(32_000)}y`,
  `${Array.from({ length: 99 }, (__, depth) => `${'  '.repeat(depth)}- a\n`).join('')}${'\n'.repeat(3000)}`,
  `${'- '.repeat(49)}a${'\n'.repeat(3000)}`,
  `${'> '.repeat(49)}a\n`.repeat(400),
  `<a ${Array.from({ length: 10_000 }, (__, index) => `b${index}`).join(' ')}>`,
  `${'|a'.repeat(10_000)}\n${'|-'.repeat(10_000)}\n${'|b'.repeat(10_000)}`,
  Array.from({ length: 3000 }, (__, index) => `[^${index}]: y\n`).join(''),
  `${'[a]'.repeat(1400)}\n\n`.repeat(15),
];

const logLines = ['\r', 'x', '\u001B]', '\u001B[1'].flatMap((part) => [
  part.repeat(100_000),
  `${part.repeat(100_000)}x`,
]);

/** Issues, comments and CI logs, before a model reads them. */
export const incomingText: HostileInput[] = [
  // Each text takes about 25 units.
  ...texts.map((text) => ({
    name: `sanitizing ${JSON.stringify(text.slice(0, 20))}`,
    maxUnits: 125,
    work: () => sanitizeText(text, 40_000),
  })),
  {
    name: 'cleaning CI logs with long lines',
    maxUnits: 250,
    work: () => {
      for (const line of logLines) cleanLog(`2026-01-02T03:04:05.1234567Z ${line}`);
    },
  },
];
