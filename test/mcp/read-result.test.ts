import { deflateSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readResult } from '../../src/mcp/read-result.js';

type Content = Parameters<typeof readResult>[0]['content'];
const textOf = (...content: Content) => readResult({ content }).text;

/** A PNG of one color, whose chunks have no correct checksums. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(10)));
  const start = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([start, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))]);
}

/** The segments of a JPEG that say its size. */
function jpeg(width: number, height: number): Buffer {
  const size = Buffer.from([0xff, 0xc0, 0, 8, 8, 0, 0, 0, 0, 1]);
  size.writeUInt16BE(height, 5);
  size.writeUInt16BE(width, 7);
  const app = [0xff, 0xe0, 0, 4, 1, 2];
  return Buffer.concat([Buffer.from([0xff, 0xd8, ...app]), size, Buffer.from([0xff, 0xd9])]);
}

const image = (bytes: Buffer, mimeType = 'image/png') =>
  ({ type: 'image', data: bytes.toString('base64'), mimeType }) as const;

test('texts are joined, and an error stays an error', () => {
  const content: Content = [
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two\0\ud800' },
  ];
  expect(readResult({ content, isError: true })).toEqual({ ok: false, text: 'one\ntwo\ufffd', images: [] });
  expect(readResult({ content: [] })).toEqual({ ok: true, text: '[no output]', images: [] });
  expect(readResult({ content: [], structuredContent: { a: 1 } }).text).toBe('{"a":1}');
});

test('everything that the model cannot get is named', () => {
  expect(
    textOf(
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'file:///a', text: 'content' } },
      { type: 'resource', resource: { uri: 'file:///b', blob: 'AAAA' } },
      { type: 'resource_link', uri: 'https://c.example', name: 'c' },
    ),
  ).toBe(
    '[audio not shown: audio/wav]\n[resource file:///a]\ncontent\n[resource not shown: file:///b]\n[link https://c.example: c]',
  );
});

test('images get the type that they have', () => {
  const { text, images } = readResult({
    content: [image(png(20, 30), 'image/jpeg'), image(jpeg(8000, 1))],
  });
  expect(text).toBe('[image 1]\n[image 2]');
  expect(images).toEqual([
    { mediaType: 'image/png', data: png(20, 30).toString('base64') },
    { mediaType: 'image/jpeg', data: jpeg(8000, 1).toString('base64') },
  ]);
});

test.each([
  ['a PNG that is cut off', png(20, 20).subarray(0, -4), 'it is not a complete PNG or JPEG'],
  ['a JPEG that is cut off', jpeg(20, 20).subarray(0, -2), 'it is not a complete PNG or JPEG'],
  [
    'a JPEG without a size',
    Buffer.from([0xff, 0xd8, 1, 2, 3, 4, 0xff, 0xd9]),
    'it is not a complete PNG or JPEG',
  ],
  ['another format', Buffer.from('GIF89a'), 'it is not a complete PNG or JPEG'],
  ['nothing', Buffer.alloc(0), 'it is not a complete PNG or JPEG'],
  ['a large PNG', png(8001, 20), 'it has 8001 x 20 pixels, and 8000 x 8000 are allowed'],
  ['a JPEG without height', jpeg(20, 0), 'it has 20 x 0 pixels, and 8000 x 8000 are allowed'],
  ['many bytes', Buffer.alloc(1_048_577), 'it has 1048577 bytes, and 1048576 are allowed'],
])('%s is not shown', (_, bytes, fault) => {
  expect(readResult({ content: [image(bytes)] })).toEqual({
    ok: true,
    text: `[image not shown: ${fault}]`,
    images: [],
  });
});

test('a result has at most four images', () => {
  const { text, images } = readResult({ content: Array.from({ length: 5 }, () => image(png(1, 1))) });
  expect(images).toHaveLength(4);
  expect(text).toMatch(/\[image 4\]\n\[image not shown: there are more than 4\]$/);
});
