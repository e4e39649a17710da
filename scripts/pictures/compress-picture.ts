import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { findProgram } from './find-program.js';

/** Number of colors in a picture. More colors make no visible difference for a page of text. */
const colors = 64;

/**
 * Reduces a PNG to a palette of colors, which reduces the size of the file to about a third.
 * @returns the smaller PNG; null when pngquant is not installed
 * @throws Error when pngquant fails
 */
export async function compressPicture(png: Buffer): Promise<Buffer | null> {
  const program = findProgram('pngquant');
  if (!program) return null;
  const child = spawn(program, [String(colors), '--nofs', '--speed', '1', '--strip', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(png);
  const [[code], smaller] = await Promise.all([once(child, 'close'), buffer(child.stdout)]);
  if (code !== 0) throw new Error(`pngquant failed with exit code ${code}`);
  return smaller;
}
