/*
 * What a process that encodes an image returns. This file imports nothing: sharp must not be loaded into the
 * process that runs Pullwright.
 */

export const mediaTypes = ['image/png', 'image/jpeg'] as const;

/** An image that the API accepts. */
export interface EncodedImage {
  mediaType: (typeof mediaTypes)[number];
  /** In base64. */
  data: string;
}

/** Decoding takes memory and time in proportion to the number of pixels. */
export const maxPixels = 40_000_000;

/** Why an image cannot be read, in a few words. The model and people read these words, and no others. */
export const imageFaults = {
  format: 'not a PNG, JPEG, WebP or GIF',
  pixels: `more than ${maxPixels / 1_000_000} million pixels`,
  damaged: 'damaged',
} as const;

/** The image, or why it cannot be read, in a few words. */
export type Encoding = EncodedImage | { fault: string };
