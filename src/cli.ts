#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, loadModelSettings } from './config/read-config.js';

const usage = `Usage: pullwright <command>

Commands:
  start                           receive webhooks and work on runs
  web                             only receive webhooks
  worker                          only work on runs
  runs [--json]                   list the latest runs
  run <id> [--json]               show everything that a run did
  check-agents <file or folder>…  check agent files

start, web and worker run until SIGTERM or SIGINT. Several web and worker processes can share a DATABASE_URL.
docs/configuration.md describes the environment variables.`;

/** Exit codes as defined in sysexits.h. */
const exitCodes = { usage: 64, unavailable: 69, config: 78 };

let exitCode: number;
try {
  exitCode = await main();
} catch (error) {
  // The messages of these errors tell the operator what to do. A stack trace would hide that.
  if (error instanceof ConfigError) {
    for (const fault of error.faults) console.error(`pullwright: ${fault}`);
    exitCode = exitCodes.config;
  } else if (error instanceof Error && error.name === 'SandboxUnavailableError') {
    console.error(`pullwright: ${error.message}`);
    exitCode = exitCodes.unavailable;
  } else throw error;
}
// At this point all resources are closed, and another process can continue the runs. A request or an agent's
// command may still be in progress, but it MUST NOT keep this process alive. The commands end with this
// process.
await Promise.all([process.stdout, process.stderr].map(flush));
process.exit(exitCode);

/**
 * Resolves when the stream has written everything, or when a write fails because nobody reads the stream. The
 * log needs no flush, because pino writes synchronously.
 */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

/**
 * Runs the command and returns the exit code. Each command imports only the modules that it needs. For
 * example, `check-agents` loads no database client.
 */
async function main(): Promise<number> {
  const print = (line: string) => console.log(line);
  const { command, rest, json, help } = readArguments();
  const [first] = rest;
  if (help) {
    print(usage);
    return 0;
  }
  if ((command === 'start' || command === 'web' || command === 'worker') && rest.length === 0 && !json) {
    const { startPullwright } = await import('./main.js');
    return startPullwright(loadConfig(), command, process);
  }
  if (command === 'runs' && rest.length === 0) {
    const { showRuns } = await import('./cli/show-runs.js');
    return showRuns(loadConfig(), { json, now: new Date(), print });
  }
  if (command === 'run' && first !== undefined && rest.length === 1) {
    const { showRun } = await import('./cli/show-runs.js');
    return showRun(loadConfig(), first, { json, now: new Date(), print });
  }
  if (command === 'check-agents' && first !== undefined && !json) {
    const { checkAgents } = await import('./cli/check-agents.js');
    return checkAgents(rest, loadModelSettings(), print);
  }
  console.error(usage);
  return exitCodes.usage;
}

function readArguments(): { command: string | undefined; rest: string[]; json: boolean; help: boolean } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command, ...rest] = positionals;
    return { command, rest, json: values.json, help: values.help };
  } catch {
    // An unknown option makes the whole command line invalid.
    return { command: undefined, rest: [], json: false, help: false };
  }
}
