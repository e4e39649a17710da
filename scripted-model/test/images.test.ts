import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ScriptedModel, startScriptedModel } from '../scripted-model.js';

let model: ScriptedModel;

beforeAll(async () => {
  model = await startScriptedModel();
  model.script({ when: 'Look', turns: [{ say: 'I see.' }] });
});
afterAll(() => model.stop());
beforeEach(() => {
  model.violations.length = 0;
});

type Content = object[];

async function send(content: Content, path = '') {
  const response = await fetch(`${model.url}/v1/messages${path}`, {
    method: 'POST',
    headers: { 'x-api-key': model.apiKey, 'anthropic-version': '2026-10-21' },
    body: JSON.stringify({
      model: 'claude-sonnet-5-5',
      ...(path === '' && { max_tokens: 100 }),
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }, ...content] }],
    }),
  });
  return (await response.json()) as { error?: { message: string }; input_tokens?: number };
}

const image = (media_type: string, data: string) => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
});

/** A PNG whose header has this size. The scripted model reads only the header. */
function png(width: number, height: number, extraBytes = 0): string {
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return Buffer.concat([bytes, Buffer.alloc(extraBytes)]).toString('base64');
}

const at = 'messages.0.content.1.image.source';

describe('an image is refused, in the words of the API, if', () => {
  test.each<[string, Content, string]>([
    [
      'its bytes have another type',
      [image('image/jpeg', png(1, 1))],
      `${at}.base64.data: The image was specified using the image/jpeg media type, but the image appears to be a image/png image`,
    ],
    [
      'the type is not supported',
      [image('image/svg+xml', png(1, 1))],
      `${at}.media_type: Input should be 'image/jpeg' or`,
    ],
    ['it is no valid base64', [image('image/png', '!')], `${at}.data: `],
    ['its bytes are no image', [image('image/png', 'AAAA')], 'Could not process image'],
    [
      'it has more than 5 MB',
      [image('image/png', png(1, 1, 4 * 1024 * 1024))],
      `${at}.base64: image exceeds 5 MB maximum: `,
    ],
    [
      'a side is too long',
      [image('image/png', png(8001, 1))],
      `${at}.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
    ],
    [
      'it is one of many images, and a side is longer than 2,000 pixels',
      [image('image/png', png(2001, 1)), ...Array.from({ length: 20 }, () => image('image/png', png(1, 1)))],
      `${at}.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels`,
    ],
  ])('%s', async (_, content, message) => {
    const { error } = await send(content);
    expect(error?.message).toContain(message);
    expect(model.violations).toContain(error?.message);
  });
});

test('an image within the limits is accepted', async () => {
  expect((await send([image('image/png', png(8000, 1))])).error).toBeUndefined();
});

test('an image counts one token for each 750 pixels, after the API made it smaller', async () => {
  const count = async (...content: Content) =>
    (await send(content, '/count_tokens')).input_tokens ?? Number.NaN;
  const none = await count();
  expect((await count(image('image/png', png(1000, 750)))) - none).toBe(1000);
  expect((await count(image('image/png', png(3136, 1500)))) - none).toBe(1568);
});
