import { describe, expect, jest, test } from '@jest/globals';
import { createRandom } from '../../../bench/random.js';
import { type SecretRules, scanFileSecrets } from '../../../src/evidence/scan/scan-secrets.js';
import { fillTemplate } from '../../secrets/fill-template.js';

const fill = (template: string) => fillTemplate(template, createRandom(3));
const active = 'the-active-secret-of-this-test';
const tokenLine = `const token = '${fill('ghp_{{random 36}}')}';`;

/** @param added the numbers of the added lines; all of them if left out; null: git knows no lines */
async function scan(
  lines: string[],
  {
    added,
    path = 'config/app.ts',
    ...rules
  }: { added?: number[] | null; path?: string } & Partial<SecretRules> = {},
): Promise<string[]> {
  const all = lines.map((text, index) => ({ line: index + 1, text }));
  const content = {
    bytes: Buffer.from(lines.join('\n')),
    added: added === null ? null : all.filter(({ line }) => added?.includes(line) ?? true),
  };
  const none = { activeSecrets: [active], allowedPaths: [], allowedPlaces: [] };
  const findings = await scanFileSecrets(path, content, { ...none, ...rules });
  return findings.map(
    ({ severity, path: place, line, says }) => `${severity} ${place}${line ? `:${line}` : ''} ${says}`,
  );
}

const marked = (line: number) => `mark config/app.ts:${line} contains what looks like a GitHub token`;

describe('a file of a change', () => {
  test('is marked at each line with a look-alike, by its kind', async () => {
    expect(await scan(['const a = 1;', tokenLine, '', tokenLine])).toEqual([marked(2), marked(4)]);
  });

  test('is blocked by an active secret, in its lines or its name, and no value is told', async () => {
    const blocked = `block config/app.ts:2 contains a credential of this server`;
    expect(await scan(['one', `// ${active}`])).toEqual([blocked]);
    expect(await scan(['one'], { path: `src/${active}.ts` })).toEqual([
      'block (a file name) contains a credential of this server',
    ]);
  });

  test('is blocked by an active secret even if every look-alike is allowed', async () => {
    const found = await scan([`// ${active}`], {
      allowedPaths: ['**'],
      allowedPlaces: [{ path: 'config/app.ts', line: null }],
    });
    expect(found).toHaveLength(1);
  });

  test('is judged by what the change adds, not by what the base has', async () => {
    expect(await scan([tokenLine, 'const b = 2;', tokenLine], { added: [2, 3] })).toEqual([marked(3)]);
  });

  test('is searched as a whole if git does not know its lines, also in UTF-16', async () => {
    const whole = ['mark config/app.ts contains what looks like a GitHub token'];
    expect(await scan([tokenLine], { added: null })).toEqual(whole);
    expect(await scan([[...tokenLine].join('\0')], { added: null })).toEqual(whole);
  });

  test('is marked at the first line of a private key', async () => {
    const key = fill(
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI{{base64 43}}\n-----END PRIVATE KEY-----',
    );
    expect(await scan(['', ...key.split('\n')])).toEqual([
      'mark config/app.ts:2 contains what looks like a private key',
    ]);
  });

  test('is marked if the search for credentials takes too long', async () => {
    let time = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (time += 100_000));
    const found = await scan([tokenLine]);
    clock.mockRestore();
    expect(found).toEqual([
      'mark config/app.ts:1 contains a part that could not be searched for credentials in time',
    ]);
  });

  test('lists at most 20 look-alikes', async () => {
    expect(await scan(Array.from({ length: 50 }, () => tokenLine))).toHaveLength(20);
  });
});

describe('a look-alike is allowed', () => {
  test.each([
    ['by a glob of the settings', { allowedPaths: ['config/**'] }],
    ['by a person, at its line', { allowedPlaces: [{ path: 'config/app.ts', line: 2 }] }],
    ['by a person, in the whole file', { allowedPlaces: [{ path: 'config/app.ts', line: null }] }],
  ])('%s', async (_, rules) => {
    expect(await scan(['', tokenLine], rules)).toEqual([]);
  });

  test.each([
    ['another path', { allowedPaths: ['test/**'], allowedPlaces: [{ path: 'config/b.ts', line: 2 }] }],
    ['another line', { allowedPlaces: [{ path: 'config/app.ts', line: 3 }] }],
  ])('but not by what allows %s', async (_, rules) => {
    expect(await scan(['', tokenLine], rules)).toEqual([marked(2)]);
  });
});

describe('a comment for Secretlint', () => {
  test.each([
    ['over the next line', ['// secretlint-disable-next-line', tokenLine], [2]],
    ['over the rest of the file', ['// secretlint-disable', 'one', tokenLine], [3]],
    [
      'that names one of its rules',
      ['// secretlint-disable-next-line @secretlint/secretlint-rule-aws', tokenLine],
      [2],
    ],
  ])('of the base counts: %s', async (_, lines, added) => {
    expect(await scan(lines, { added })).toEqual([]);
  });

  test.each([
    ['that the change adds', ['// secretlint-disable-next-line', tokenLine], undefined],
    ['that the change adds on the line itself', ['one', `${tokenLine} // secretlint-disable-line`], [2]],
    ['of the base, for other lines', ['// secretlint-disable-next-line', 'one', tokenLine], [3]],
    [
      'that the change adds beside one of the base',
      ['// secretlint-disable-line', '// secretlint-disable-next-line', tokenLine],
      [2, 3],
    ],
  ])('does not count: one %s', async (_, lines, added) => {
    expect(await scan(lines, { added })).toEqual([marked(lines.length)]);
  });

  test('never counts for an active secret', async () => {
    const lines = ['// secretlint-disable-next-line', `const a = '${active}';`];
    expect(await scan(lines, { added: [2] })).toHaveLength(1);
  });
});
