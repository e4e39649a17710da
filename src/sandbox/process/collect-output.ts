import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const initialBytes = 4096;

export interface Output {
  stdout: string;
  stderr: string;
  /** stdout and stderr together, in order of arrival. */
  output: string;
}

/**
 * Collects the output of a process.
 * @param onOverflow is called for each chunk that would raise the total above `maxBytes`; the chunk is
 * dropped
 * @param takeStdout gets each chunk of stdout, which is then not collected
 * @returns `take` returns the output so far, and `lastAt` the time of its last chunk on the performance clock
 */
export function collectOutput(
  child: ChildProcess,
  maxBytes: number,
  onOverflow: () => void,
  takeStdout?: (chunk: Buffer) => void,
): { take(): Output; lastAt(): number } {
  const [stdout, stderr, both] = [createBuffer(maxBytes), createBuffer(maxBytes), createBuffer(maxBytes)];
  let bytes = 0;
  let lastAt = performance.now();
  for (const [stream, own] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const)
    stream?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      lastAt = performance.now();
      if (bytes > maxBytes) return onOverflow();
      if (takeStdout && stream === child.stdout) return takeStdout(chunk);
      own.add(chunk);
      both.add(chunk);
    });
  return {
    take: () => ({
      stdout: toText(stdout.take()),
      stderr: toText(stderr.take()),
      output: toText(both.take()),
    }),
    lastAt: () => lastAt,
  };
}

/**
 * Creates a single buffer that grows. A list of chunks would use a hundred times as much memory for a command
 * that writes single bytes.
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

/** Replaces NUL and invalid UTF-8 with U+FFFD, because Postgres and JSON cannot store them. */
function toText(bytes: Buffer): string {
  // The loop replaces NUL bytes with invalid bytes, which `toString` converts to U+FFFD. Replacing ten
  // million NUL characters in the finished string would take seconds.
  for (let at = bytes.indexOf(0); at >= 0 && at < bytes.length; at += 1)
    if (bytes[at] === 0) bytes[at] = 0xff;
  return bytes.toString('utf8');
}
