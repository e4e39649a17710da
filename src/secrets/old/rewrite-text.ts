/** A text in other words. */
export interface Rewritten {
  bytes: Buffer;
  /** What stands together in it stood together before, too. */
  isCertain: boolean;
}

/** A text as it would be read by others: letters in other guises, the strings of a program only, lines without their heads. */
export function* rewriteText(text: string | Buffer): Generator<Rewritten> {
  if (typeof text === 'string' && /[^\0-\x7f]/.test(text)) {
    yield { bytes: Buffer.from(plainLetters(text)), isCertain: true };
    const smuggled = readSelectors(text);
    if (smuggled.length > 0) yield { bytes: smuggled, isCertain: true };
  }
  const words = typeof text === 'string' ? text : text.toString('latin1');
  // Wide characters.
  if (words.includes('\0'))
    yield { bytes: Buffer.from(words.replaceAll('\0', ''), 'latin1'), isCertain: true };
  for (const rewritten of regroup(words)) yield { bytes: Buffer.from(rewritten, 'latin1'), isCertain: false };
}

function* regroup(text: string): Generator<string> {
  yield* literalsOf(text);
  const lines = text.split('\n');
  // Line numbers, addresses of a dump; and what a dump says beside its digits.
  yield lines.map(withoutNumber).join('\n');
  yield lines.map(digitsOfDump).join('\n');
  yield lines.map((line) => /[a-z0-9]/i.exec(line.slice(0, 200))?.[0] ?? '').join('');
  yield lines.map((line) => /[a-z0-9](?=[^a-z0-9]*$)/i.exec(line.slice(-200))?.[0] ?? '').join('');
  for (const sign of behindSigns) {
    const parts = lines.flatMap((line) => line.split(sign, 2)[1] ?? []);
    if (parts.length > 1) yield parts.join('\n');
  }
}

/** What names, and what comments begin with. */
const behindSigns = ['=', ':', '//', '#', '--'];

/**
 * What stands in quotes, one behind the other; and what stands between them, for who knows where the first one opens. The
 * same for every other of them: names and their values.
 */
function* literalsOf(text: string): Generator<string> {
  for (const quote of ['"', "'", '`']) {
    const parts = text.split(quote);
    if (parts.length < 3) continue;
    for (const odd of [0, 1]) yield parts.filter((_, index) => index % 2 === odd).join('');
    if (parts.length > 6)
      for (const fourth of [1, 3]) yield parts.filter((_, index) => index % 4 === fourth).join('');
  }
}

function withoutNumber(line: string): string {
  const [head = ''] = /^\W*\w*\d\w*\W\s*/.exec(line.slice(0, longestHead)) ?? [];
  return line.slice(head.length);
}

/** Patterns may take the square of what they are given. */
const longestHead = 200;

function digitsOfDump(line: string): string {
  return /^[\W_]*[0-9a-f]{4,16}:?[ \t]+((?:[0-9a-f]{2,4}[ \t]{1,2})+)/i.exec(line.slice(0, 400))?.[1] ?? '';
}

/** Letters of other alphabets that look like ours. */
const lookAlikes = new Map(
  [
    ['АВЕЅІЈКМНОРСТХУаеѕіјорсухһԁԛԝӏ', 'ABESIJKMHOPCTXYaesijopcyxhdqwl'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινρυαϲϳ', 'ABEZHIKMNOPTYXoivpuacj'],
  ].flatMap(([from = '', to = '']) => [...from].map((char, index) => [char, to[index] ?? char] as const)),
);

/** Without what nobody sees, and in the letters that people take them for. */
function plainLetters(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{Cf}\p{M}]/gu, '')
    .replace(/[\u0370-\u03ff\u0400-\u052f]/g, (char) => lookAlikes.get(char) ?? char);
}

/** Variation selectors and tags, which carry a byte each and cannot be seen. */
function readSelectors(text: string): Buffer {
  const codes: number[] = [];
  for (const [char] of text.matchAll(/\p{Variation_Selector}|[\u{E0000}-\u{E007F}]/gu)) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xe0100) codes.push(code - 0xe0100 + 16);
    else codes.push(code >= 0xe0000 ? code - 0xe0000 : code & 15);
  }
  return Buffer.from(codes);
}
