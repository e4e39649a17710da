import { text } from 'node:stream/consumers';
import type { AllowedHost } from './allowed-host.js';
import { startEgressProxy } from './egress-proxy.js';

/*
 * The proxy of one command, as a separate program that egress-process.ts starts. Its argument is the path of
 * the socket. It reads the allowed hosts as JSON from standard input. It prints `up` once it accepts
 * connections, and then each refusal as a JSON string on a line.
 */

const allowed = JSON.parse(await text(process.stdin)) as AllowedHost[];
await startEgressProxy(process.argv[2] ?? '', allowed, (refusal) =>
  process.stdout.write(`${JSON.stringify(refusal)}\n`),
);
process.stdout.write('up\n');
