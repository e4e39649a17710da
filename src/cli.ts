#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from './config/read-config.js';

const usage = `usage: pullwright <command>

  start                          serve webhooks and work on runs (the environment is described in docs/configuration.md)
  web, worker                    one half of it each, for several processes on one DATABASE_URL
  runs                           list the latest runs
  run <id>                       everything that a run did, in order
  check-agents <file or folder>… check agent files
`;

const { positionals } = parseArgs({ allowPositionals: true, strict: true });
const [command, ...rest] = positionals;

let exitCode: number;
try {
  exitCode = await main();
} catch (error) {
  // EX_CONFIG and EX_UNAVAILABLE of sysexits.h: one clear line each, and no stack.
  if (error instanceof ConfigError) {
    for (const fault of error.faults) console.error(`pullwright: ${fault}`);
    exitCode = 78;
  } else if (error instanceof Error && error.name === 'SandboxUnavailableError') {
    console.error(`pullwright: ${error.message}`);
    exitCode = 69;
  } else throw error;
}
// Everything is closed and handed over. What still goes on here, a command of an agent that takes an hour or a request
// that hangs, MUST NOT keep a stopped process alive; commands end with it.
await Promise.all([process.stdout, process.stderr].map(flush));
process.exit(exitCode);

/** Resolves when everything was printed, or nobody reads it any more. The log writes synchronously (pino's default). */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

/** Commands import what they need themselves: `check-agents` must not pay for a database client. */
async function main(): Promise<number> {
  // As people know it from Probot; what the environment has already wins.
  if (existsSync('.env')) process.loadEnvFile('.env');
  if (command === 'start' || command === 'web' || command === 'worker') {
    const { startPullwright } = await import('./main.js');
    return startPullwright(readConfig(process.env), command, process);
  }
  if (command === 'runs' || command === 'run') {
    const { showRuns } = await import('./cli/show-runs.js');
    return showRuns(readConfig(process.env), rest[0] ?? null, (line) => console.log(line));
  }
  if (command === 'check-agents') {
    const { checkAgents } = await import('./cli/check-agents.js');
    return checkAgents(rest, (line) => console.log(line));
  }
  console.error(usage);
  return 64;
}
