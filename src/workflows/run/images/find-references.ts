import { findImages } from '../../../images/find-images.js';
import type { ImageReference } from '../../../task/task.js';

/**
 * Finds the images in a text that the agent gets. The addresses belong to the task, like the text, so later
 * edits of the text do not count.
 * @param raw the text, as GitHub stores it
 */
export function findReferences(raw: string, part: ImageReference['part'], where: string): ImageReference[] {
  return findImages(raw).map((image) => ({ part, where, ...image }));
}
