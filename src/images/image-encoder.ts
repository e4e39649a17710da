import { type ExecFileException, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { RetryLater } from '../runs/retry-later.js';
import { type EncodedImage, type Encoding, imageFaults, mediaTypes } from './encoding.js';

export type { EncodedImage, Encoding };
/** @throws RetryLater if the machine has no room for another process */
export type EncodeImage = (bytes: Buffer) => Promise<Encoding>;

const timeoutMs = 30_000;
/** An encoded image has about one million bytes at most, and base64 adds a third. */
const maxOutputBytes = 8 * 1024 * 1024;
/** Limit for the data of the process, in kilobytes. An image of 40 million pixels needs a third of this. */
const maxDataKilobytes = 2 * 1024 * 1024;
const busyRetryMs = 2000;
const busy = /^(?:EAGAIN|EMFILE|ENFILE|ENOMEM)$/;

/** A file can take over its decoder, and the decoder can then print anything. */
const Output = z.union([
  z.strictObject({ mediaType: z.enum(mediaTypes), data: z.base64().min(1) }),
  z.strictObject({ fault: z.enum(imageFaults) }),
]);

/**
 * Creates a function that decodes and encodes images, each in a process of its own. The decoders are C
 * libraries and read untrusted bytes. If a decoder crashes, hangs or needs too much memory, only its own
 * process ends. That process has no environment variables, and its memory contains no credential.
 * @param program path of the compiled encode-program.ts
 */
export function createImageEncoder(
  program = fileURLToPath(new URL('./encode-program.js', import.meta.url)),
): EncodeImage {
  // Node has no option for the limit of a child's memory, but every shell has. `ulimit` fails only if the
  // limit is lower already. `exec` keeps the process id.
  const script = `ulimit -d ${maxDataKilobytes} 2>/dev/null; exec "$0" "$@"`;
  const options = {
    ...{ env: {}, cwd: '/', maxBuffer: maxOutputBytes },
    ...({ timeout: timeoutMs, killSignal: 'SIGKILL' } as const),
  };
  return (bytes) =>
    new Promise<Encoding>((resolve, reject) => {
      const child = execFile(
        '/bin/sh',
        ['-c', script, process.execPath, program],
        options,
        (error, stdout) => {
          if (isBusy(error)) reject(error);
          else resolve(error ? explain(error) : readOutput(stdout));
        },
      );
      // If the program ends early, this write fails. The callback above then reports the fault.
      child.stdin?.on('error', () => {});
      child.stdin?.end(bytes);
    }).catch((error: unknown) => {
      if (isBusy(error))
        throw new RetryLater('the server has no room for a process that reads an image', busyRetryMs);
      throw error;
    });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && busy.test(String(error.code));
}

function explain({ killed }: ExecFileException): Encoding {
  return { fault: killed ? 'decoding takes too long' : decoderFailed };
}

const decoderFailed = 'the decoder failed';

function readOutput(text: string): Encoding {
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch {
    return { fault: decoderFailed };
  }
  const { data } = Output.safeParse(output);
  return data ?? { fault: decoderFailed };
}
