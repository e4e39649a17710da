/* `npm run local-github`: starts a local GitHub for an App that runs in another process. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlRoot } from '../http/control-request.js';
import { type LocalGitHub, startLocalGitHub } from '../local-github.js';
import { type CliOptions, parseOptions, UsageError, usage } from './parse-options.js';
import { applySeed, readSeed } from './seed.js';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await run(options);
  else console.log(usage);
} catch (error) {
  console.error(`local-github: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof UsageError ? 64 : 1;
}

/** Runs the local GitHub until the process receives SIGINT, SIGTERM or SIGHUP. */
async function run(options: CliOptions): Promise<void> {
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  const seed = options.seed ? await readSeed(options.seed) : null;
  const folder = options.folder
    ? await openEmptyFolder(options.folder)
    : await mkdtemp(path.join(tmpdir(), 'local-github-'));
  try {
    const github = await startLocalGitHub({
      folder: path.join(folder, 'repositories'),
      appManifest: options.appManifest,
      port: options.port,
      control: true,
    });
    try {
      if (seed) await applySeed(github, seed);
      if (options.webhookUrl) github.setWebhook(options.webhookUrl, options.webhookSecret);
      await announce(github, options, folder);
      const stopPrinting = printNews(github);
      await stopping;
      stopPrinting();
    } finally {
      await github.stop();
    }
  } finally {
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the private key and the App's settings to files. Prints the paths of these files and the URLs. */
async function announce(github: LocalGitHub, options: CliOptions, folder: string): Promise<void> {
  const keyFile = path.join(folder, 'private-key.pem');
  const settingsFile = path.resolve(options.settingsFile ?? path.join(folder, 'app.env'));
  const settings = {
    APP_ID: github.appId,
    PRIVATE_KEY_PATH: keyFile,
    WEBHOOK_SECRET: options.webhookSecret,
    GHE_HOST: github.host,
    GHE_PROTOCOL: 'http',
  };
  await writePrivate(keyFile, github.privateKey);
  await writePrivate(
    settingsFile,
    Object.entries(settings)
      .map((setting) => `${setting.join('=')}\n`)
      .join(''),
  );
  console.log(`Local GitHub     ${github.url}
REST API         ${github.url}/api/v3
GraphQL API      ${github.url}/api/graphql
control API      ${github.url}${controlRoot}
deliveries to    ${options.webhookUrl ?? 'nobody; set a receiver with --webhook-url or the control action set-webhook'}
App id           ${github.appId}
private key      ${keyFile}
App's settings   ${settingsFile}
Press Ctrl-C to stop.`);
}

/**
 * Prints each delivery to standard output and each violation to standard error shortly after it happens.
 * @returns a function that prints the remaining lines and then stops the printing
 */
function printNews({ log, violations }: LocalGitHub): () => void {
  const printed = { log: 0, violations: 0 };
  const print = () => {
    for (; printed.log < log.length; printed.log++) console.log(log[printed.log]);
    for (; printed.violations < violations.length; printed.violations++)
      console.error(`violation: ${violations[printed.violations]}`);
  };
  const timer = setInterval(print, 100);
  return () => {
    clearInterval(timer);
    print();
  };
}

/**
 * Creates the folder and checks that it is empty. Repositories left over from an earlier run of the local
 * GitHub could have the same ids as new ones.
 */
async function openEmptyFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new Error(`--folder: expected an empty folder; found ${folder}`);
  return path.resolve(folder);
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  // `writeFile` uses the mode only for a new file. Set the mode of an existing file here.
  await chmod(file, 0o600);
}
