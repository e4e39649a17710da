/** An image that the API accepts. */
export interface Image {
  mediaType: 'image/png' | 'image/jpeg';
  /** In base64. */
  data: string;
}

const maxBytes = 1024 * 1024;
/** Maximum width and height that the API accepts, in pixels. */
const maxSide = 8000;

/**
 * Reads an image. The API refuses a conversation forever if it cannot read one of its images. For this
 * reason, this function accepts only complete images of two formats and ignores the type that a server names.
 */
export function readImage(base64: string): { image: Image } | { fault: string } {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > maxBytes) return { fault: `it has ${bytes.length} bytes, and ${maxBytes} are allowed` };
  const mediaType = isPng(bytes) ? 'image/png' : isJpeg(bytes) ? 'image/jpeg' : null;
  const size = mediaType === 'image/png' ? sizeOfPng(bytes) : mediaType && sizeOfJpeg(bytes);
  if (!mediaType || !size) return { fault: 'it is not a complete PNG or JPEG' };
  const [width, height] = size;
  if (Math.min(...size) < 1 || Math.max(...size) > maxSide)
    return { fault: `it has ${width} x ${height} pixels, and ${maxSide} x ${maxSide} are allowed` };
  return { image: { mediaType, data: bytes.toString('base64') } };
}

function isPng(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, 16).toString('latin1') === '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' &&
    bytes.subarray(-8, -4).toString('latin1') === 'IEND'
  );
}

function sizeOfPng(bytes: Buffer): [width: number, height: number] {
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

function isJpeg(bytes: Buffer): boolean {
  return (
    bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9
  );
}

/** Finds the segment with the size (SOF). Each segment before it begins with a marker and its length. */
function sizeOfJpeg(bytes: Buffer): [width: number, height: number] | null {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    const isSize = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isSize) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    if (marker < 0xff00) return null;
  }
  return null;
}
