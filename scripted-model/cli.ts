/* `npm run scripted-model`: starts a local Messages API that sends the replies from conversation files. */
import { chmod, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConversation, startScriptedModel } from './scripted-model.js';

const usage = `usage: npm run scripted-model -- <conversation.yml>... [options]
  --port <number>           default: any free port
  --settings-file <file>    also writes ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY into this file
  --help
scripted-model/README.md describes the conversation files.`;

class UsageError extends Error {}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await run(options);
  else console.log(usage);
} catch (error) {
  console.error(`scripted-model: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof UsageError ? 64 : 1;
}

/** Runs the scripted model until the process receives SIGINT, SIGTERM or SIGHUP. */
async function run({ files, port, settingsFile }: Options): Promise<void> {
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  const conversations = files.map(readConversation);
  const model = await startScriptedModel({ port, log: (line) => console.log(line) });
  try {
    for (const conversation of conversations) model.script(conversation);
    const settings = `ANTHROPIC_BASE_URL=${model.url}\nANTHROPIC_API_KEY=${model.apiKey}\n`;
    if (settingsFile) {
      await writeFile(settingsFile, settings, { mode: 0o600 });
      // `writeFile` uses the mode only for a new file. Set the mode of an existing file here.
      await chmod(settingsFile, 0o600);
    }
    console.log(`${settings}Press Ctrl-C to stop.`);
    await stopping;
  } finally {
    await model.stop();
  }
}

interface Options {
  files: string[];
  port: number;
  settingsFile: string | null;
}

function parseOptions(args: string[]): Options | null {
  const { values, positionals } = readArguments(args);
  if (values.help) return null;
  if (positionals.length === 0) throw new UsageError(`expected a conversation file\n${usage}`);
  const port = Number(values.port ?? '0');
  if (!/^\d+$/.test(values.port ?? '0') || port > 65_535)
    throw new UsageError(`--port: expected a number up to 65535; found "${values.port}"`);
  return { files: positionals, port, settingsFile: values['settings-file'] ?? null };
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'settings-file': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
