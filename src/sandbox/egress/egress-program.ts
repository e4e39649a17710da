import { text } from 'node:stream/consumers';
import { type AllowedHost, startEgressProxy } from './egress-proxy.js';

/*
 * The proxy of one command, as a program (egress-process.ts starts it). The list of hosts comes on standard input; on
 * standard output it says `up`, and then what it refuses, a line each.
 */

const allowed = JSON.parse(await text(process.stdin)) as AllowedHost[];
await startEgressProxy(process.argv[2] ?? '', allowed, (what) =>
  process.stdout.write(`${JSON.stringify(what)}\n`),
);
process.stdout.write('up\n');
