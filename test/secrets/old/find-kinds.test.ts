import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { findSecrets, redactSecrets } from '../../../src/secrets/old/find-secrets.js';
import { measureCpuSeconds } from '../../support/measure-cpu-seconds.js';

/** Put together here, so that no scanner takes this file for a leak; what is drawn by lot is the same each time. */
const drawn = (length: number) => 'aZ8Qw7Xc2VbN4mK9Rt6Yh1Jd5Lp3Sf0Gu'.repeat(3).slice(0, length);
const capitals = (length: number) => 'Q7ZW4XC2VB5NM6KR'.slice(0, length);
const of = (prefix: string[], rest: string) => prefix.join('') + rest;
const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
const jwtOf = (payload: object) => [part({ alg: 'HS256', typ: 'JWT' }), part(payload), drawn(43)].join('.');

const kinds: Record<string, string> = {
  'of GitHub': of(['gh', 'p_'], drawn(36)),
  'of GitHub, fine-grained': of(['github', '_pat_'], drawn(60)),
  'of AWS': of(['AK', 'IA'], capitals(16)),
  'of Claude': of(['sk-', 'ant-api03-'], drawn(80)),
  'of OpenAI': of(['sk-', 'proj-'], drawn(80)),
  'of Stripe': of(['sk_', 'live_'], drawn(24)),
  'of GitLab': of(['gl', 'pat-'], drawn(20)),
  'of Google': of(['AI', 'za'], drawn(35)),
  'of Google’s clients': of(['GOC', 'SPX-'], drawn(28)),
  'of PyPI': of(['py', 'pi-'], `AgEIcHlwaS5vcmc${drawn(70)}`),
  'of Hugging Face': of(['h', 'f_'], 'abcdefGHIJKLmnopqrSTUVWXyzabcdEFGH'),
  'of DigitalOcean': of(['do', 'p_v1_'], '0123456789abcdef'.repeat(4)),
  'of Vault': of(['hv', 's.'], `CAESI${drawn(80)}`),
  'of Groq': of(['gs', 'k_'], drawn(52)),
  'of Slack': of(['xo', 'xs-'], `123456789012-${drawn(24)}`),
  'of npm': of(['np', 'm_'], drawn(36)),
  'of Azure': of(['Account', 'Key='], `${drawn(86)}==`),
  'of SendGrid': of(['S', 'G.'], `${drawn(22)}.${drawn(43)}`),
  'of Docker': of(['dckr', '_pat_'], drawn(27)),
  'of whoever signs JSON': jwtOf({ sub: 'ada', exp: 1 }),
};
const token = kinds['of GitHub'] ?? '';

describe('a credential', () => {
  test.each(Object.entries(kinds))('%s is found where it is, and taken out', async (_, value) => {
    const text = `const a = "${value}";\n`;
    expect(await findSecrets(text, [])).toMatchObject([{ end: expect.any(Number) }]);
    expect(await findSecrets(text, [])).not.toMatchObject([{ unplaced: true }]);
    expect(await redactSecrets(text, [])).not.toContain(value.slice(-10));
  });

  test.each(Object.entries(kinds))('%s is found in base64', async (_, value) => {
    const [found] = await findSecrets(`data: ${Buffer.from(`key=${value}\n`).toString('base64')}\n`, []);
    expect(found).toMatchObject({ unplaced: true, what: expect.stringContaining('in another form') });
  });

  test.each([...['of GitHub', 'of AWS', 'of Claude'].map((kind) => [kind, kinds[kind] ?? ''] as const)])(
    '%s is found with letters before it',
    async (_, value) => {
      expect(await findSecrets(`x_${value}`, [])).not.toEqual([]);
      if (!value.startsWith('AK')) expect(await findSecrets(`a${value}`, [])).not.toEqual([]);
    },
  );

  test('is found behind a comment that tells a scanner to look away', async () => {
    const slack = ['xoxb', '123456789012', '1234567890123', 'abcdefghijklmnopqrstuvwx'].join('-');
    const shop = ['shp', 'at_', '0123456789abcdef'.repeat(2)].join('');
    const url = ['postgres', '://admin:', 'Tr0ub4dor3', '@db.corp.io/app'].join('');
    for (const value of [slack, shop, url])
      expect([value, await findSecrets(`// secretlint-disable\n${value}\n`, [])]).not.toEqual([value, []]);
  });
});

const pieces = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
const perByte = (write: (code: number) => string) => (text: string) =>
  [...Buffer.from(text, 'latin1')].map(write).join('');
const hexOf = (code: number) => code.toString(16).padStart(2, '0');

const forms: Record<string, (text: string) => string> = {
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in percent signs': perByte((code) => `%${hexOf(code)}`),
  'in escapes of Unicode': perByte((code) => `\\u00${hexOf(code)}`),
  'in entities': perByte((code) => `&#${code};`),
  'in UTF-16 and base64': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'in UTF-16': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
  'compressed, in base64': (text) => gzipSync(text).toString('base64'),
  'in wide letters': (text) =>
    text.replace(/[a-z0-9]/gi, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  'with what nobody sees in between': (text) => [...text].join('\u200b'),
  backwards: (text) => [...text].reverse().join(''),
};
const arrangements: Record<string, (text: string) => string> = {
  'in two strings': (text) => `"${text.slice(0, 8)}" + "${text.slice(8)}"`,
  'in many strings': (text) =>
    pieces(text, 5)
      .map((one) => `'${one}'`)
      .join(',\n  '),
  'over lines': (text) => pieces(text, 7).join('\n'),
  'over lines of a comment': (text) =>
    pieces(text, 9)
      .map((one) => `// ${one}`)
      .join('\n'),
  'in two variables': (text) => `FIRST=${text.slice(0, 15)}\nSECOND=${text.slice(15)}`,
};

describe('a known kind is found', () => {
  test.each(
    Object.entries({ ...forms, ...arrangements }).flatMap(([name, write]) =>
      ['of GitHub', 'of AWS', 'of Claude'].map((kind) => [name, kind, write] as const),
    ),
  )('%s, one %s', async (_, kind, write) => {
    expect(await findSecrets(`text\n\n${write(kinds[kind] ?? '')}\n\nmore text`, [])).not.toEqual([]);
    expect(await redactSecrets(`text\n\n${write(kinds[kind] ?? '')}\n\nmore`, [])).toContain('[withheld]');
  });
});

describe('no credential is found in', () => {
  test.each<[string, string]>([
    [
      'words about tokens',
      'A token begins with `ghp_`, `gho_`, `ghu_`, `ghs_` or `ghr_`, and 36 signs follow: in 2021 GitHub changed it.',
    ],
    [
      'a list of prefixes',
      "const prefixes = ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'sk-ant-', 'glpat-', 'npm_'];",
    ],
    [
      'patterns for tokens',
      'const all = [/ghp_[A-Za-z0-9]{36}/, /npm_[a-zA-Z0-9]{36,40}/, /AKIA[0-9A-Z]{16}/];',
    ],
    [
      'what stands for one',
      `${of(['gl', 'pat-'], 'x'.repeat(20))} ${of(['gl', 'pat-'], 'your-token-goes-here')}`,
    ],
    [
      'a long name',
      'const weighs_more_than_everything_else_that_is_in_the_list = stub_of_something.that_is.very_long_indeed_is_it_not;',
    ],
    ['countries', "'SLOVAKIA', 'SLOVENIA', 'SOLOMON ISLANDS', 'SOMALIA 12 34 56', 'SOUTH AFRICA'"],
    ['the token of every manual', jwtOf({ sub: '1234567890', name: 'John Doe', iat: 1516239022 })],
    [
      'a pattern for keys',
      "if (!/-----BEGIN (RSA )?PRIVATE KEY-----/.test(pem) && pem.startsWith('-----BEGIN CERT')) return 2;",
    ],
    [
      'other settings',
      'npm_config_registry_and_something_else_that_is_long=1\nhf_hub_download_and_more_of_it(a1, b2)',
    ],
  ])('%s', async (_, text) => {
    expect(await findSecrets(`${text}\n`, [])).toEqual([]);
  });

  test('bytes that were drawn by lot, however they are written', async () => {
    let seed = 7;
    const bytes = Buffer.alloc(50_000).map(() => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 16;
    });
    for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const)
      expect(await findSecrets(Buffer.from(bytes).toString(encoding), ['k7Qw9ZxT2bN4vM8cR6yH'])).toEqual([]);
  });
});

describe('of a private key nothing is left', () => {
  const keyOf = {
    EC: generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
    Ed25519: generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
    RSA: generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
  };
  const writings: Record<string, (pem: string) => string> = {
    'as it is': (pem) => pem,
    indented: (pem) => pem.replace(/^/gm, '    '),
    'in JSON': (pem) => JSON.stringify({ key: pem }),
    'in a quote': (pem) => pem.replace(/^/gm, '> '),
    'without its end': (pem) => pem.replace(/-----END[\s\S]*/, ''),
    'in JSON, without its end': (pem) => JSON.stringify({ key: pem.replace(/-----END[\s\S]*/, '') }),
    'of PGP': (pem) => pem.replace(/(?:EC |RSA )?PRIVATE KEY/g, 'PGP PRIVATE KEY BLOCK'),
  };
  test.each(
    Object.entries(writings).flatMap(([name, write]) =>
      Object.entries(keyOf).map(([kind, pem]) => [kind, name, pem, write] as const),
    ),
  )('%s, %s', async (_, __, pem, write) => {
    const text = await redactSecrets(`Before.\n\n${write(pem)}\n\nBehind it.`, []);
    const lines = pem.split('\n').filter((line) => line.length > 4 && !line.startsWith('-'));
    expect(lines.filter((line) => text.includes(line))).toEqual([]);
    expect(text).toMatch(/^Before\.[\s\S]*\[withheld\][\s\S]*Behind it\.$/);
  });

  test('when its lines were broken anew, so that its header is in pieces', async () => {
    const pem = `${['-----BEGIN', 'RSA PRIVATE KEY-----'].join(' ')}\nMIIEowIBAAKCAQEA${drawn(48)}\n${drawn(64)}`;
    expect(await redactSecrets(pieces(pem, 10).join('\n'), [])).toBe('[withheld]');
  });

  test('and its header alone takes no words with it', async () => {
    const header = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ');
    expect(await redactSecrets(`It begins with ${header} and goes on.`, [])).toBe(
      'It begins with [withheld] and goes on.',
    );
  });
});

test('what begins like a token again and again takes no more time for being longer', async () => {
  for (const start of [
    token.slice(0, 4),
    'eyJ-',
    'eyJaaaaaaaaaaa.eyJ-',
    'AKIA1',
    'xoxb-',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN A ',
  ]) {
    const text = start.repeat(50_000 / start.length);
    expect(await measureCpuSeconds(() => findSecrets(text, ['k7Qw9ZxT2bN4vM8cR6yH']))).toBeLessThan(3);
  }
}, 120_000);
