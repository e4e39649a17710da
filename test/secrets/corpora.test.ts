import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../bench/random.js';
import { findSecrets } from '../../src/secrets/find-secrets.js';
import { fillTemplate } from './fill-template.js';
import { readCorpus } from './read-corpus.js';

/** Each snippet is drawn so often: what is random is told by its look, and that can fail. */
const draws = 10;
const innocent = readCorpus('innocent-snippets');
const credentials = readCorpus('credentials');

async function findInDraws(template: string): Promise<{ text: string; names: string[] }[]> {
  const texts = Array.from({ length: draws }, (_, seed) => fillTemplate(template, createRandom(7919 * seed)));
  return Promise.all(
    texts.map(async (text) => ({ text, names: (await findSecrets(text, [])).map(({ name }) => name) })),
  );
}

test('the corpora contain at least 200 innocent snippets and 61 credentials', () => {
  expect(innocent.flatMap(([, snippets]) => snippets).length).toBeGreaterThanOrEqual(200);
  expect(credentials.flatMap(([, snippets]) => snippets).length).toBeGreaterThanOrEqual(61);
});

describe('nothing is found in innocent snippets', () => {
  test.each(innocent)('%s', async (_, snippets) => {
    const found = (await Promise.all(snippets.map(findInDraws)))
      .flat()
      .filter(({ names }) => names.length > 0);
    expect(found).toEqual([]);
  });
});

describe('nearly every credential is found as people write it', () => {
  test.each(credentials)('%s', async (_, snippets) => {
    for (const snippet of snippets) {
      const found = (await findInDraws(snippet)).filter(({ names }) => names.length > 0).length;
      // A short password of a setting in small letters can look like a word.
      expect([snippet, found >= (isShortPassword(snippet) ? 0.75 : 0.95) * draws]).toEqual([snippet, true]);
    }
  });

  test('and at most three of a hundred pass', async () => {
    const draw = await Promise.all(credentials.flatMap(([, snippets]) => snippets).map(findInDraws));
    for (let index = 0; index < draws; index++) {
      const missed = draw.filter((one) => one[index]?.names.length === 0).map((one) => one[index]?.text);
      expect(missed.slice(3)).toEqual([]);
    }
  });
});

function isShortPassword(snippet: string): boolean {
  return /password.*\{\{random (?:1\d|20)\}\}/i.test(snippet);
}
