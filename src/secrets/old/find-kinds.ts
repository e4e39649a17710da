import type { SecretPlace } from './find-secrets.js';
import { isDrawn } from './is-drawn.js';
import { borderSign, type Reading } from './unfold-text.js';

/** A kind of credential that tells itself by how it begins. */
interface Kind {
  what: string;
  prefixes: readonly string[];
  /** What follows, as a pattern. */
  rest: string;
  /** It begins like words and noise do: no letter or digit may touch it. */
  alone?: true;
  /** It begins like code does: what follows has to look drawn by lot, wherever it stands. */
  drawn?: true;
}

const kinds: readonly Kind[] = [
  {
    what: 'a GitHub token',
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    rest: '[A-Za-z0-9._-]{36,}',
  },
  { what: 'a GitHub token', prefixes: ['github_pat_'], rest: '\\w{22,}' },
  // Those that end so stand in Amazon's own documentation.
  {
    what: 'an AWS access key',
    prefixes: ['AKIA', 'ASIA'],
    rest: '(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}',
    alone: true,
  },
  { what: 'a Claude API key', prefixes: ['sk-ant-'], rest: '[\\w-]{24,}' },
  { what: 'an OpenAI key', prefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], rest: '[\\w-]{40,}' },
  { what: 'a Stripe key', prefixes: ['sk_live_', 'rk_live_'], rest: '[A-Za-z0-9]{16,}' },
  {
    what: 'a GitLab token',
    prefixes: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glsoat-', 'glagent-', 'gloas-'],
    rest: '[\\w-]{20,}',
  },
  { what: 'a Google API key', prefixes: ['AIza'], rest: '[\\w-]{35}', alone: true },
  { what: 'a Google client secret', prefixes: ['GOCSPX-'], rest: '[\\w-]{24,}' },
  { what: 'a Google access token', prefixes: ['ya29.'], rest: '[\\w-]{40,}', alone: true, drawn: true },
  { what: 'a PyPI token', prefixes: ['pypi-'], rest: '[\\w-]{50,}' },
  { what: 'a Hugging Face token', prefixes: ['hf_'], rest: '[A-Za-z0-9]{30,}' },
  { what: 'a DigitalOcean token', prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], rest: '[a-f0-9]{64}' },
  {
    what: 'a Vault token',
    prefixes: ['hvs.', 'hvb.', 'hvr.'],
    rest: '[\\w-]{24,}',
    alone: true,
    drawn: true,
  },
  { what: 'a Groq key', prefixes: ['gsk_'], rest: '[A-Za-z0-9]{40,}' },
  {
    what: 'a Slack token',
    prefixes: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxo-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxc-', 'xoxd-', 'xapp-'],
    rest: '[A-Za-z0-9%-]{24,}',
  },
  { what: 'an npm token', prefixes: ['npm_'], rest: '[A-Za-z0-9]{36}' },
  { what: 'an Azure storage key', prefixes: ['AccountKey='], rest: '[A-Za-z0-9+/]{86}==' },
  { what: 'a SendGrid key', prefixes: ['SG.'], rest: '[\\w-]{22}\\.[\\w-]{43}', alone: true },
  {
    what: 'an access token',
    prefixes: [
      ...[
        'dckr_pat_',
        'dckr_oat_',
        'shpat_',
        'shpca_',
        'shppa_',
        'shpss_',
        'lin_api_',
        'figd_',
        'r8_',
        'ntn_',
      ],
      ...['pplx-', 'xai-', 'tskey-auth-', 'sbp_', 'glsa_', 'glc_', 'PMAK-', 'NRAK-', 'dp.pt.', 'ATATT3'],
    ],
    rest: '[\\w-]{20,}',
    alone: true,
    drawn: true,
  },
  // Its parts are JSON, so each of the first two begins like that.
  {
    what: 'a JSON web token',
    prefixes: ['eyJ'],
    rest: '[\\w-]{10,400}\\.eyJ[\\w-]{10,4000}\\.[\\w-]{20,}',
    alone: true,
  },
];

const patterns = kinds.map((kind) => {
  const { prefixes, rest } = kind;
  const source = `(?:${prefixes.join('|').replaceAll('.', '\\.')})(${rest})`;
  return {
    ...kind,
    pattern: new RegExp(source, 'g'),
    // No more of it than has to be there: behind it, anything may have been joined to it.
    atStart: new RegExp(`^${source.replaceAll(',}', '}')}`),
  };
});

/** Credentials of the known kinds, where they are. */
export function locateKinds(text: string, { isCertain, isRagged } = asItIs): SecretPlace[] {
  const places = locateKeys(text);
  for (const { what, prefixes, pattern, alone, drawn } of patterns) {
    if (!prefixes.some((prefix) => text.includes(prefix))) continue;
    for (const { index, 0: found, 1: rest = '' } of text.matchAll(pattern)) {
      const end = index + found.length;
      const before = text.slice(Math.max(0, index - longestBefore - 1), index);
      // Behind a letter or a digit it may be the end of a name: `weighs_`.
      const isTouched = !isRagged && /[A-Za-z0-9]$/.test(before);
      if (alone && (isTouched || (!isRagged && /[A-Za-z0-9]/.test(text[end] ?? '')))) continue;
      const isSure = isCertain && !drawn && !isTouched && !(alone && isRagged);
      if ((isSure ? !isStandIn(rest) : isDrawn(rest) && !isWithin(before)) && !isExample(found))
        places.push({ start: index, end, what });
    }
  }
  return places;
}

const asItIs = { isCertain: true, isRagged: false };

const key = 'a private key';
const longestKey = 10_000;
const header = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g;
/** Keys of one kind begin alike. */
const joinedHeader = /^-----BEGIN[A-Z0-9]{0,20}PRIVATEKEY(?:BLOCK)?-{1,5}n?[A-Za-z0-9]{16}([A-Za-z0-9]{40})/;
/** Lines of a key that has lost its end, with what quotes, JSON or an indent put around them. */
const lines =
  /(?:(?:[\s>|*#"'`+,;]|\\[nr])*[A-Za-z0-9+/=]{16,}){0,200}(?:(?:\s|\\[nr])+[A-Za-z0-9+/]+={0,2}(?![\w ]))?/y;

/** Private keys with what is in them, however their lines were broken. */
function locateKeys(text: string): SecretPlace[] {
  return [...text.matchAll(header)].map(({ index: start, 0: { length } }) => {
    const from = start + length;
    const inside = text.slice(from, from + longestKey);
    const [end = '', before = ''] =
      /^([^-]*(?:-(?!----)[^-]*)*)-----END [^-\n]{0,60}(?:-----)?/.exec(inside) ?? [];
    lines.lastIndex = from;
    return { start, end: before ? from + end.length : from + (lines.exec(text)?.[0].length ?? 0), what: key };
  });
}

/**
 * The kind of a credential that stands in a reading of a text, as it is or in pieces: with quotes, signs, spaces, line
 * breaks in between. One pass, and no more where nothing begins like one.
 */
export function findKind(reading: Omit<Reading, 'isNoise'>): string | null {
  const { bytes } = reading;
  const { joined, hits } = join(bytes);
  if (hits.length === 0) return null;
  const [found] = locateKinds(bytes.toString('latin1'), reading);
  if (found) return found.what;
  for (const { what, at, atStart, alone, isTouched } of hits) {
    const [match = '', rest = ''] = atStart.exec(joined.toString('latin1', at, at + longestJoined)) ?? [];
    if (!isDrawn(rest) || (alone && isTouched)) continue;
    const from = positions[at] as number;
    const end = positions[at + match.length - 1] as number;
    // A key has signs of its own between letters.
    if (end - from < longestApart && (what === key || isTakenApart(bytes.toString('latin1', from, end))))
      return what;
  }
  return null;
}

const longestJoined = 120;
const longestApart = 4096;
/** Who takes a token apart does it in the same way from end to end; elsewhere anything stands between. */
const mostSeparators = 3;

function isTakenApart(text: string): boolean {
  return new Set(text.split(/[A-Za-z0-9_]+|(?<=\w)[.-]+(?=\w)/)).size <= mostSeparators + 1;
}

interface Start {
  what: string;
  atStart: RegExp;
  alone?: boolean;
  start: string;
}

interface Hit extends Start {
  at: number;
  isTouched: boolean;
}

/** Where one of them may begin is told by four characters of its prefix. */
const starts = new Map<number, Start[]>();
const mayStart = new Uint8Array(1 << 16);
const slotOf = (gram: number) => Math.imul(gram, 0x9e3779b1) >>> 16;
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const wholes = [...patterns, { what: key, atStart: joinedHeader, prefixes: ['-----BEGIN'], alone: false }];
for (const { prefixes, ...kind } of wholes)
  for (const prefix of prefixes.map((one) => one.replace('=', '')))
    for (const start of prefix.length < 4 ? letters.map((next) => prefix + next) : [prefix]) {
      const gram = Buffer.from(start.slice(-4)).readInt32BE();
      starts.set(gram, [...(starts.get(gram) ?? []), { ...kind, start }]);
      mayStart[slotOf(gram)] = 1;
    }

const isLetter = new Uint8Array(256);
for (const char of [...letters, '_']) isLetter[char.charCodeAt(0)] = 1;
const isDash = (byte: number | undefined) => byte === 0x2d || byte === 0x2e;
let scratch = Buffer.alloc(1 << 16);
let positions = new Uint32Array(1 << 16);

/**
 * What tokens are made of, without what stands between: dashes and dots count where they touch a letter.
 * @returns good until the next call
 */
function join(bytes: Buffer): { joined: Buffer; hits: Hit[] } {
  if (scratch.length < bytes.length) {
    scratch = Buffer.alloc(bytes.length);
    positions = new Uint32Array(bytes.length);
  }
  const joined = scratch;
  const hits: Hit[] = [];
  let gram = 0;
  let size = 0;
  const keep = (at: number) => {
    const byte = bytes[at] as number;
    positions[size] = at;
    joined[size++] = byte;
    gram = (gram << 8) | byte;
    if (mayStart[slotOf(gram)] === 0) return;
    for (const kind of starts.get(gram) ?? []) {
      const first = size - kind.start.length;
      if (first < 0 || joined.toString('latin1', first, size) !== kind.start) continue;
      const from = positions[first] as number;
      const before = bytes.toString('latin1', Math.max(0, from - longestBefore - 1), from);
      if (!isWithin(before)) hits.push({ ...kind, at: first, isTouched: /[A-Za-z0-9]$/.test(before) });
    }
  };
  for (let at = 0; at < bytes.length; at++) {
    if (isLetter[bytes[at] as number] === 1 || bytes[at] === borderSign) keep(at);
    else if (isDash(bytes[at])) {
      const from = at;
      while (isDash(bytes[at + 1])) at++;
      if (isLetter[bytes[from - 1] ?? 0] === 1 || isLetter[bytes[at + 1] ?? 0] === 1)
        for (let next = from; next <= at; next++) keep(next);
    }
  }
  return { joined: joined.subarray(0, size), hits };
}

/** In a longer word a token's beginning is there by chance: what is encoded holds every one of them at some place. */
const longestBefore = 16;

function isWithin(before: string): boolean {
  return before.length > longestBefore && /^[\w-]+[A-Za-z0-9]$/.test(before);
}

/** What a text about tokens puts in a token's place: `xxxx`, `your-token-here`. */
function isStandIn(rest: string): boolean {
  return /^(?:[xX0*._-]+|[a-z]+(?:[._-]+[a-z]+)+[._-]*)$/.test(rest);
}

/** The token that the documentation of JSON web tokens shows, and half of all tests hold. */
function isExample(found: string): boolean {
  const payload = found.startsWith('eyJ')
    ? Buffer.from(found.split('.')[1] ?? '', 'base64url').toString()
    : '';
  return payload.includes('"1234567890"');
}
