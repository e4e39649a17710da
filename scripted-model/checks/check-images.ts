import { imageSize } from 'image-size';
import { type Block, blocksOf, type MessagesRequest } from '../messages-request.js';

/** Maximum size of an image in base64, in bytes. */
const maxImageBytes = 5 * 1024 * 1024;
/** Maximum width and height of an image, in pixels. */
const maxSide = 8000;
/** If a request has more images than this, their maximum width and height is smaller. */
const manyImages = 20;
const maxSideOfMany = 2000;
/** Before the API counts tokens, it scales an image down to this width and height, in pixels. */
const maxCountedSide = 1568;
const pixelsPerToken = 750;

const mediaTypes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/**
 * Finds the faults for which the API refuses the images of a request: too large, not what their media type
 * says, or unreadable.
 * @returns one line for each fault
 */
export function checkImages({ messages }: Pick<MessagesRequest, 'messages'>): string[] {
  const images = messages.flatMap(({ content }, message) =>
    blocksOf(content).flatMap((block, index) => listImages(block, `messages.${message}.content.${index}`)),
  );
  return images.flatMap(({ block, path }) => checkImage(block, path, images.length > manyImages));
}

function listImages(block: Block, path: string): { block: Block; path: string }[] {
  if (block.type === 'image') return [{ block, path: `${path}.image.source.base64` }];
  const inner = block.type === 'tool_result' ? blocksOf(block.content) : [];
  return inner.flatMap((one, index) => listImages(one, `${path}.tool_result.content.${index}`));
}

function checkImage({ source }: Block, path: string, isOneOfMany: boolean): string[] {
  if (source?.type !== 'base64' || source.data === undefined) return [];
  const { data } = source;
  if (data.length > maxImageBytes)
    return [`${path}: image exceeds 5 MB maximum: ${data.length} bytes > ${maxImageBytes} bytes`];
  const image = measure(data);
  const mediaType = mediaTypes[image?.type ?? ''];
  if (!image || !mediaType) return ['Could not process image'];
  if (mediaType !== source.media_type)
    return [
      `${path}.data: The image was specified using the ${source.media_type} media type, but the image appears ` +
        `to be a ${mediaType} image`,
    ];
  const side = Math.max(image.width, image.height);
  if (side > maxSide)
    return [`${path}.data: At least one of the image dimensions exceed max allowed size: ${maxSide} pixels`];
  if (isOneOfMany && side > maxSideOfMany)
    return [
      `${path}.data: At least one of the image dimensions exceed max allowed size for many-image requests: ` +
        `${maxSideOfMany} pixels`,
    ];
  return [];
}

/** Counts the tokens of an image by its width and height. An image behind a URL counts as a large one. */
export function countImageTokens({ source }: Block): number {
  const image = (source?.data && measure(source.data)) || { width: maxCountedSide, height: maxCountedSide };
  const scale = Math.min(1, maxCountedSide / Math.max(image.width, image.height));
  return Math.ceil((image.width * scale * (image.height * scale)) / pixelsPerToken);
}

/** @returns null if the bytes are no image */
function measure(base64: string): ReturnType<typeof imageSize> | null {
  try {
    return imageSize(new Uint8Array(Buffer.from(base64, 'base64')));
  } catch {
    return null;
  }
}
