import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { findSecrets } from '../src/secrets/find-secrets.js';
import { createRandom } from './random.js';

export interface ScanMeasurement {
  megabytes: number;
  seconds: number;
  /** The longest time during which the event loop was blocked. */
  blockedSeconds: number;
}

const megabytes = 5;
const lines = [
  'export async function listOrders(request: Request): Promise<Order[]> {',
  "  const { rows } = await pool.query('select id, total from orders where customer = $1', [id]);",
  '  return rows.map(({ id, total }) => ({ id, total: Number(total) / 100 }));',
  '  "integrity": "sha512-',
];

/**
 * Measures a search for secrets in a text of the maximum size that a file of a change can have. The lines of
 * the text resemble source code and lock files.
 */
export async function measureScan(): Promise<ScanMeasurement> {
  const random = createRandom(1);
  const noise = (length: number) =>
    Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
  const activeSecrets = Array.from({ length: 12 }, () => noise(400));
  const parts: string[] = [];
  for (let size = 0; size < megabytes * 1024 * 1024; size += parts.at(-1)?.length ?? 0)
    parts.push(`${lines[Math.floor(random() * lines.length)]}${noise(random() < 0.3 ? 86 : 0)}\n`);
  const text = parts.join('').slice(0, megabytes * 1024 * 1024);
  // Run a first search without measuring it, because it compiles the patterns.
  await findSecrets(text.slice(0, 100_000), activeSecrets);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(100);
  const start = performance.now();
  await findSecrets(text, activeSecrets);
  const seconds = (performance.now() - start) / 1000;
  await pause(100);
  delay.disable();
  return { megabytes, seconds, blockedSeconds: delay.max / 1e9 };
}
