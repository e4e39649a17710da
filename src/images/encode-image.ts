import sharp from 'sharp';
import { type Encoding, imageFaults, maxPixels } from './encoding.js';

/** The API would make a larger image smaller, which takes time and does not show the model more. */
export const maxSide = 1568;
/** PNG keeps text in screenshots sharp. A larger PNG, such as a photo, becomes a JPEG. */
const maxPngBytes = 700_000;

const decoders = ['VipsForeignLoadPng', 'VipsForeignLoadJpeg', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif'];

/**
 * Decodes an image and encodes it again. The result contains nothing of the file but its pixels, and only the
 * first frame of an animation. It is at most 1568 pixels wide and high. The bytes determine the format: PNG,
 * JPEG, WebP or GIF.
 */
export async function encodeImage(bytes: Buffer): Promise<Encoding> {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: decoders });
  const size = { width: maxSide, height: maxSide };
  try {
    const pixels = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 })
      .autoOrient()
      .resize({ ...size, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb');
    const png = await pixels.clone().png({ compressionLevel: 9 }).toBuffer();
    if (png.length <= maxPngBytes) return { mediaType: 'image/png', data: png.toString('base64') };
    const jpeg = await pixels.flatten({ background: 'white' }).jpeg({ quality: 85 }).toBuffer();
    return { mediaType: 'image/jpeg', data: jpeg.toString('base64') };
  } catch (error) {
    return { fault: explain(error instanceof Error ? error.message : String(error)) };
  }
}

function explain(message: string): string {
  if (/unsupported image format|buffer is empty/i.test(message)) return imageFaults.format;
  if (/pixel limit/i.test(message)) return imageFaults.pixels;
  return imageFaults.damaged;
}
