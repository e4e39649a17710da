import type { ChildProcess } from 'node:child_process';

const initialBytes = 4096;

export interface Output {
  stdout: string;
  stderr: string;
  /** Both, in order of arrival. */
  output: string;
}

/**
 * Collects what a process prints.
 * @param onOverflow called for each chunk that does not fit into `maxBytes` any more; the chunk is dropped
 * @returns gives the output collected so far
 */
export function collectOutput(child: ChildProcess, maxBytes: number, onOverflow: () => void): () => Output {
  const [stdout, stderr, both] = [createBuffer(maxBytes), createBuffer(maxBytes), createBuffer(maxBytes)];
  let bytes = 0;
  for (const [stream, own] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const)
    stream?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return onOverflow();
      own.add(chunk);
      both.add(chunk);
    });
  return () => ({
    stdout: toText(stdout.take()),
    stderr: toText(stderr.take()),
    output: toText(both.take()),
  });
}

/**
 * A single buffer that grows. A list of chunks would take a hundred times as much memory for a command that
 * writes byte by byte.
 */
function createBuffer(maxBytes: number) {
  let buffer = Buffer.alloc(0);
  let used = 0;
  return {
    add: (chunk: Buffer) => {
      if (used + chunk.length > buffer.length) {
        const wanted = Math.max(initialBytes, buffer.length * 2, used + chunk.length);
        const larger = Buffer.allocUnsafe(Math.min(wanted, maxBytes));
        buffer.copy(larger, 0, 0, used);
        buffer = larger;
      }
      used += chunk.copy(buffer, used);
    },
    take: () => buffer.subarray(0, used),
  };
}

/**
 * Replaces NUL and bytes that are not UTF-8 by U+FFFD: Postgres and JSON store neither NUL nor lone
 * surrogates.
 */
function toText(bytes: Buffer): string {
  // On bytes, because replacing ten million characters in a string takes seconds.
  for (let at = bytes.indexOf(0); at >= 0 && at < bytes.length; at += 1)
    if (bytes[at] === 0) bytes[at] = 0xff;
  return bytes.toString('utf8');
}
