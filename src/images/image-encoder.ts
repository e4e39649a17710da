import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EncodedImage, Encoding } from './encode-image.js';

export type { EncodedImage, Encoding };
export type EncodeImage = (bytes: Buffer) => Promise<Encoding>;

const timeoutMs = 30_000;
/** An encoded image has about one million bytes at most, and base64 adds a third. */
const maxOutputBytes = 8 * 1024 * 1024;

/**
 * Creates a function that decodes and encodes images, each in a process of its own. The decoders are C
 * libraries and read untrusted bytes. If a decoder crashes, hangs or needs too much memory, only its own
 * process ends. That process has no environment variables, and its memory contains no credential.
 * @param program path of the compiled encode-program.ts
 */
export function createImageEncoder(
  program = fileURLToPath(new URL('./encode-program.js', import.meta.url)),
): EncodeImage {
  return (bytes) =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program],
        { env: {}, cwd: '/', timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxOutputBytes },
        (error, stdout) => {
          if (!error) return resolve(JSON.parse(stdout) as Encoding);
          resolve({ fault: error.killed ? 'decoding takes too long' : 'the decoder failed' });
        },
      );
      // If the program ends early, this write fails. The callback above then reports the fault.
      child.stdin?.on('error', () => {});
      child.stdin?.end(bytes);
    });
}
