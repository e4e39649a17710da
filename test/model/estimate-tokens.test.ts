import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { estimateTokens } from '../../src/model/estimate-tokens.js';

const image = async (width: number, height: number, format: 'png' | 'jpeg' = 'png') => {
  const bytes = await sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .toFormat(format)
    .toBuffer();
  const source = { type: 'base64', media_type: `image/${format}`, data: bytes.toString('base64') };
  return { type: 'image', source };
};
const tokensOf = async (...given: Parameters<typeof image>) => {
  const block = await image(...given);
  const frame = { ...block, source: { ...block.source, data: '' } };
  return estimateTokens([block]) - estimateTokens([frame]);
};

test('an image counts one token for each 750 pixels, however large its encoded form is', async () => {
  expect(await tokensOf(1000, 750)).toBe(1000);
  expect(await tokensOf(1000, 750, 'jpeg')).toBe(1000);
});

test('a large image counts as the smaller one that the API makes of it', async () => {
  expect(await tokensOf(3136, 1500)).toBe(1568);
});

test('an image of unknown size counts as the largest', () => {
  const block = (data: string) => ({ type: 'image', source: { type: 'base64', data } });
  expect(estimateTokens(block('AAAA')) - estimateTokens(block(''))).toBe(Math.ceil(1568 ** 2 / 750));
});

test('a text counts one token for each 2.5 characters of its JSON, and a signature counts none', () => {
  expect(estimateTokens('x'.repeat(248))).toBe(100);
  expect(estimateTokens({ signature: 'x'.repeat(1000) })).toBe(1);
});
