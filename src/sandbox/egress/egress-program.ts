import { text } from 'node:stream/consumers';
import type { AllowedHost } from './allowed-host.js';
import { startEgressProxy } from './egress-proxy.js';

/*
 * The proxy of one command, as a program of its own; egress-process.ts starts it. It takes the path of the
 * socket as its argument and the allowed hosts as JSON on standard input. On standard output it prints `up`,
 * and then a line with a JSON string for each refusal.
 */

const allowed = JSON.parse(await text(process.stdin)) as AllowedHost[];
await startEgressProxy(process.argv[2] ?? '', allowed, (refusal) =>
  process.stdout.write(`${JSON.stringify(refusal)}\n`),
);
process.stdout.write('up\n');
