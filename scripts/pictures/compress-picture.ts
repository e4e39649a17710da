import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { findProgram } from './find-program.js';

/** Enough for a page of text: with more colors, nobody sees a difference. */
const colors = 64;

/**
 * Reduces a PNG to a palette, which makes it a third as large.
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
