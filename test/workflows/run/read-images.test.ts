import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import type { Config } from '../../../src/config/read-config.js';
import { readEvents } from '../../../src/database/run-events.js';
import type { GitHub } from '../../../src/github/github.js';
import type { Task } from '../../../src/task/task.js';
import { findReferences } from '../../../src/workflows/run/images/find-references.js';
import { readImages } from '../../../src/workflows/run/images/read-images.js';
import { openMigratedDatabase, startLabelRun } from '../../database/test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());

const address = (number: number) =>
  `https://github.com/user-attachments/assets/00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
const image = (number: number) => `![a](${address(number)})`;
const list = (count: number) => Array.from({ length: count }, (_, at) => image(at + 1)).join('\n');
let issue = 500;

async function read(
  images: Task['images'],
  { isContinued = false, secondsPerDownload = 0, fault = '' } = {},
) {
  issue += 1;
  const runId = await startLabelRun(pool, issue);
  const downloaded: string[] = [];
  let now = 0;
  const d = {
    config: { webUrl: 'https://github.com' } as Config,
    db: pool,
    now: () => new Date(now),
    github: {
      downloadAttachment: async (_, wanted) => {
        downloaded.push(wanted);
        now += secondsPerDownload * 1000;
        return fault ? { fault } : { bytes: Buffer.from('x') };
      },
    } as Pick<GitHub, 'downloadAttachment'> as GitHub,
    encodeImage: async () => ({ mediaType: 'image/png' as const, data: 'eA==' }),
  };
  const repository = { owner: 'acme', name: 'shop' };
  const result = await readImages(d, { runId, repository, images } as Task, isContinued);
  const events = (await readEvents(pool, runId)).map(({ event }) => event);
  return { result, downloaded, events };
}

test('at most eight images are downloaded, and the others are named', async () => {
  const { result, downloaded, events } = await read(findReferences(list(10), 'issue', 'the issue'));
  expect(downloaded).toEqual(Array.from({ length: 8 }, (_, at) => address(at + 1)));
  expect(result).toHaveLength(10);
  expect(events).toEqual([
    {
      type: 'images-read',
      read: 8,
      unread: [9, 10].map((at) => ({
        name: `image ${at} in the issue`,
        fault: 'more than 8 images',
      })),
    },
  ]);
});

test('hundreds of images do not make a long list', async () => {
  const { result, events } = await read(findReferences(list(300), 'issue', 'the issue'));
  expect(result).toHaveLength(8 + 20);
  const [event] = events;
  expect(event).toMatchObject({ type: 'images-read', read: 8 });
  expect(event && 'unread' in event && event.unread.at(-1)).toEqual({
    name: '272 more',
    fault: 'too many images',
  });
});

test('images elsewhere do not count as images, and the images of the request come first', async () => {
  const badges = Array.from({ length: 25 }, (_, at) => `![a](https://badges.example/${at}.svg)`).join('\n');
  const { result, downloaded, events } = await read([
    ...findReferences(`${badges}\n${list(8)}`, 'issue', 'the issue'),
    ...findReferences(image(9), 'request', 'the command'),
  ]);
  expect(downloaded).toEqual([9, 1, 2, 3, 4, 5, 6, 7].map(address));
  const shown = result.filter(({ content }) => 'data' in content).map(({ number }) => number);
  expect(shown).toEqual([26, 27, 28, 29, 30, 31, 32, 34]);
  const [event] = events;
  expect(event).toMatchObject({ read: 8 });
  expect(event && 'unread' in event && event.unread.at(-1)).toEqual({
    name: '6 more',
    fault: 'too many images',
  });
});

test('an image elsewhere is named and never asked for', async () => {
  const text = `![a](https://github.com.evil.example/user-attachments/assets/1) ${image(1)}`;
  const { downloaded, events } = await read(findReferences(text, 0, 'a comment by ada'));
  expect(downloaded).toEqual([address(1)]);
  expect(events).toMatchObject([
    { read: 1, unread: [{ name: 'image 1 in a comment by ada', fault: 'not stored on GitHub' }] },
  ]);
});

test('no download starts after a minute', async () => {
  const images = findReferences(list(4), 'issue', 'the issue');
  const { downloaded, events } = await read(images, { secondsPerDownload: 40, fault: 'GitHub answers 503' });
  expect(downloaded).toHaveLength(2);
  expect(events).toMatchObject([
    {
      read: 0,
      unread: [
        { fault: 'GitHub answers 503' },
        { fault: 'GitHub answers 503' },
        { fault: 'the earlier images took too long' },
        { fault: 'the earlier images took too long' },
      ],
    },
  ]);
});

test('a conversation that continues gets only the images of the feedback', async () => {
  const images = [
    ...findReferences(image(1), 'issue', 'the issue'),
    ...findReferences(image(2), 'feedback', 'thread 1'),
  ];
  expect((await read(images, { isContinued: true })).downloaded).toEqual([address(2)]);
  expect((await read(images)).downloaded).toEqual([address(2), address(1)]);
});

test('nothing is recorded if the texts contain no image', async () => {
  for (const images of [undefined, []]) expect((await read(images)).events).toEqual([]);
});
