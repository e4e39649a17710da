import { imageSize } from 'image-size';

/** The tokenizer of current models makes one token of about this many characters. */
const charactersPerToken = 2.5;
/** The API counts one token for this many pixels of an image. */
const pixelsPerToken = 750;
/** Before the API counts tokens, it scales an image down to this width and height, in pixels. */
const maxSide = 1568;

/**
 * Estimates the tokens of a part of a request. An image counts by its width and height, however large its
 * encoded form is.
 */
export function estimateTokens(content: unknown): number {
  let imageTokens = 0;
  const text = JSON.stringify(content, (key, value) => {
    if (key === 'signature') return undefined;
    if (!isImageSource(value)) return value;
    imageTokens += countImageTokens(value.data);
    return { ...value, data: '' };
  });
  return Math.ceil(text.length / charactersPerToken) + imageTokens;
}

function isImageSource(value: unknown): value is { data: string } {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'base64' && typeof data === 'string' && data !== '';
}

function countImageTokens(base64: string): number {
  const { width, height } = measureImage(base64);
  const scale = Math.min(1, maxSide / Math.max(width, height));
  return Math.ceil((width * scale * (height * scale)) / pixelsPerToken);
}

/** Returns the size of an image in pixels. If the size is not known, returns the largest that counts. */
function measureImage(base64: string): { width: number; height: number } {
  const largest = { width: maxSide, height: maxSide };
  try {
    // A small Buffer shares its memory with others. image-size would read theirs beyond the end of this one.
    const size = imageSize(new Uint8Array(Buffer.from(base64, 'base64')));
    return size.width > 0 && size.height > 0 ? size : largest;
  } catch {
    return largest;
  }
}
