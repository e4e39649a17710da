import { buffer } from 'node:stream/consumers';
import { encodeImage } from './encode-image.js';

/*
 * Encodes one image, as a separate program that image-encoder.ts starts. It reads the image from standard
 * input and prints an `Encoding` as JSON.
 */

process.stdout.write(JSON.stringify(await encodeImage(await buffer(process.stdin))));
