import { nameImage, type TaskImage } from '../../../agent/render-images.js';
import { appendEvent } from '../../../database/run-events.js';
import { readAttachmentAddress } from '../../../github/attachment-address.js';
import { findImages } from '../../../images/find-images.js';
import type { ImageReference, Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';

/** Each image costs up to 3,300 tokens in every turn, and up to 1.4 MB in every request. */
const maxImages = 8;
/** No download starts later than this after the first one, in milliseconds. */
const maxDurationMs = 60_000;
/** Images after these are not named. */
const maxNamed = 20;

/**
 * Finds the images in a text that the agent gets. The addresses belong to the task, like the text, so later
 * edits of the text do not count.
 * @param raw the text, as GitHub stores it
 */
export function findReferences(raw: string, part: ImageReference['part'], where: string): ImageReference[] {
  return findImages(raw).map((image) => ({ part, where, ...image }));
}

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
  const wanted = (task.images ?? []).filter(({ part }) => !isContinued || part === 'feedback');
  if (wanted.length === 0) return [];
  const scope = { webUrl: d.config.webUrl, repository: task.repository };
  const images: TaskImage[] = [];
  const lastStart = d.now().getTime() + maxDurationMs;
  let downloads = 0;
  for (const [index, { part, where, address, fault }] of wanted.slice(0, maxNamed).entries()) {
    const known = readAttachmentAddress(address, scope);
    const read = async (): Promise<TaskImage['content']> => {
      if (fault !== null) return { fault };
      if (!known) return { fault: 'not stored on GitHub' };
      downloads += 1;
      if (downloads > maxImages) return { fault: `not among the first ${maxImages}` };
      if (d.now().getTime() > lastStart) return { fault: 'the earlier images took too long' };
      const download = await d.github.downloadAttachment(task.repository, address);
      const image = 'fault' in download ? download : await d.encodeImage(download.bytes);
      return 'fault' in image ? image : { address: known.shown, ...image };
    };
    images.push({ number: index + 1, part, where, content: await read() });
  }
  const unread = images.flatMap((image) =>
    'fault' in image.content ? [{ name: nameImage(image), fault: image.content.fault }] : [],
  );
  const more = wanted.length - images.length;
  if (more > 0) unread.push({ name: `${more} more`, fault: `not among the first ${maxNamed}` });
  const read = images.filter(({ content }) => 'data' in content).length;
  await appendEvent(d.db, task.runId, { type: 'images-read', read, unread });
  return images;
}
