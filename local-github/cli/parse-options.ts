import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { defaultManifest } from '../app/read-manifest.js';

export const usage = `usage: npm run local-github -- [options]
  --port <number>            default: any free port
  --app-manifest <file>      permissions and events of the App; default: ${defaultManifest}
  --webhook-url <url>        URL where the App receives webhooks; default: none are sent
  --webhook-secret <text>    default: a random one
  --seed <file or folder>    people, repositories and issues to start with
  --folder <folder>          an empty folder for repositories and settings; default: a temporary one, removed at the end
  --settings-file <file>     where to write the App's settings; default: app.env in the folder
  --help
local-github/README.md describes all of them.`;

export interface CliOptions {
  port: number;
  appManifest: string;
  webhookUrl: string | null;
  webhookSecret: string;
  seed: string | null;
  folder: string | null;
  settingsFile: string | null;
}

/**
 * Parses the command line.
 * @returns null when the arguments contain `--help`
 */
export function parseOptions(args: string[]): CliOptions | null {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: text,
        'app-manifest': text,
        'webhook-url': text,
        'webhook-secret': text,
        seed: text,
        folder: text,
        'settings-file': text,
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return null;
  const textOf = (name: string) => (values[name] as string | undefined) ?? null;
  const webhookUrl = textOf('webhook-url');
  if (webhookUrl !== null && !URL.canParse(webhookUrl))
    throw new UsageError(`--webhook-url: expected a URL; found "${webhookUrl}"`);
  return {
    port: parsePort(textOf('port') ?? '0'),
    appManifest: textOf('app-manifest') ?? defaultManifest,
    webhookUrl,
    webhookSecret: textOf('webhook-secret') ?? randomBytes(20).toString('hex'),
    seed: textOf('seed'),
    folder: textOf('folder'),
    settingsFile: textOf('settings-file'),
  };
}

export class UsageError extends Error {}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`--port: expected a number up to 65535; found "${text}"`);
  return port;
}
