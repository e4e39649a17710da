import { nameImage, type TaskImage } from '../../../agent/render-images.js';
import { appendEvent } from '../../../database/run-events.js';
import { readAttachmentAddress } from '../../../github/attachment-address.js';
import type { ImageReference, Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';

interface Wanted extends ImageReference {
  /** Counts the images of the task from 1. */
  number: number;
  /** The address for people and the agent; null if GitHub does not store the image. */
  shown: string | null;
}

/** Each image costs up to 3,300 tokens in every turn, and up to 1.4 MB in every request. */
const maxImages = 8;
/** No download starts later than this after the first one, in milliseconds. */
const maxDurationMs = 60_000;
/** Of the images that are not downloaded, no more than these are named. */
const maxNamed = 20;

/**
 * Reads the images of the task. Only this process downloads them, and only from GitHub. Records which images
 * the agent gets, and why it does not get the others.
 * @param isContinued whether the conversation of an earlier run comes first. It contains the images of the
 * issue already.
 */
export async function readImages(
  d: Pick<Dependencies, 'config' | 'db' | 'encodeImage' | 'github' | 'now'>,
  task: Task,
  isContinued: boolean,
): Promise<TaskImage[]> {
  const scope = { webUrl: d.config.webUrl, repository: task.repository };
  const wanted = (task.images ?? [])
    .filter(({ part }) => !isContinued || part === 'feedback')
    .map((image, index): Wanted => {
      const shown = readAttachmentAddress(image.address, scope)?.shown ?? null;
      return { ...image, number: index + 1, shown };
    });
  if (wanted.length === 0) return [];
  const contents = new Map<number, TaskImage['content']>();
  const lastStart = d.now().getTime() + maxDurationMs;
  for (const image of choose(wanted)) {
    const isTooLate = d.now().getTime() > lastStart;
    const tooLate = { fault: 'the earlier images took too long' };
    contents.set(image.number, isTooLate ? tooLate : await readImage(d, task.repository, image));
  }
  const unnamed = wanted.filter(({ number }) => !contents.has(number)).slice(maxNamed);
  const images = wanted
    .filter((image) => !unnamed.includes(image))
    .map((image): TaskImage => {
      const { number, part, where } = image;
      return { number, part, where, content: contents.get(number) ?? { fault: whyLeftOut(image) } };
    });
  const unread = images.flatMap((image) =>
    'fault' in image.content ? [{ name: nameImage(image), fault: image.content.fault }] : [],
  );
  const read = images.length - unread.length;
  if (unnamed.length > 0) unread.push({ name: `${unnamed.length} more`, fault: 'too many images' });
  await appendEvent(d.db, task.runId, { type: 'images-read', read, unread });
  return images;
}

/** Chooses the images to download. Those of the person who asked come first. */
function choose(wanted: readonly Wanted[]): Wanted[] {
  const readable = wanted.filter(({ fault, shown }) => fault === null && shown !== null);
  const isAsked = ({ part }: Wanted) => part === 'request' || part === 'feedback';
  return [...readable.filter(isAsked), ...readable.filter((image) => !isAsked(image))].slice(0, maxImages);
}

function whyLeftOut({ fault, shown }: Wanted): string {
  return fault ?? (shown === null ? 'not stored on GitHub' : `more than ${maxImages} images`);
}

async function readImage(
  d: Pick<Dependencies, 'encodeImage' | 'github'>,
  repository: Task['repository'],
  { address, shown }: Wanted,
): Promise<TaskImage['content']> {
  const download = await d.github.downloadAttachment(repository, address);
  const image = 'fault' in download ? download : await d.encodeImage(download.bytes);
  return 'fault' in image ? image : { address: shown ?? address, ...image };
}
