import type Anthropic from '@anthropic-ai/sdk';
import type { ImageReference } from '../task/task.js';

/** An image of the task, with its content or the reason why it could not be read. */
export interface TaskImage extends Pick<ImageReference, 'part' | 'where'> {
  /** Counts the images of the task from 1. */
  number: number;
  content: { address: string; mediaType: 'image/png' | 'image/jpeg'; data: string } | { fault: string };
}

/** Returns what people and the agent call an image. */
export function nameImage({ number, where }: Pick<TaskImage, 'number' | 'where'>): string {
  return `image ${number} in ${where}`;
}

/**
 * Renders the images of one part of the task for the agent. A label precedes each image. One line names the
 * images that could not be read.
 */
export function renderImages(
  images: readonly TaskImage[],
  part: ImageReference['part'],
): Anthropic.ContentBlockParam[] {
  const own = images.filter((image) => image.part === part);
  const shown = own.flatMap((image): Anthropic.ContentBlockParam[] => {
    if ('fault' in image.content) return [];
    const { address, mediaType, data } = image.content;
    const label = `This is ${nameImage(image)} (${address}):`;
    return [
      { type: 'text', text: label },
      { type: 'image', source: { type: 'base64', media_type: mediaType, data } },
    ];
  });
  const unread = own.flatMap((image) =>
    'fault' in image.content ? [`${nameImage(image)} (${image.content.fault})`] : [],
  );
  return unread.length === 0
    ? shown
    : [...shown, { type: 'text', text: `You do not get ${unread.join(', ')}.` }];
}
