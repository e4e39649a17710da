import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConversation } from '../scripted-model.js';

const root = path.join(import.meta.dirname, '..', '..');
let folder: string;
let child: ReturnType<typeof startCli> | null = null;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scripted-model-cli-'));
});

afterEach(async () => {
  child?.process.kill('SIGKILL');
  await child?.exited;
  await rm(folder, { recursive: true, force: true });
});

test('started by its CLI, it replies to the SDK by a conversation file', async () => {
  const file = path.join(folder, 'greeting.yml');
  await writeFile(file, 'when: Greet\nturns:\n  - say: Hello.\n');
  child = startCli([file]);
  await child.printed('Press Ctrl-C to stop.');
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(child?.output() ?? '')?.[1];
  const client = new Anthropic({
    apiKey: setting('ANTHROPIC_API_KEY'),
    baseURL: setting('ANTHROPIC_BASE_URL'),
    maxRetries: 0,
  });
  const ask = (content: string) =>
    client.messages
      .stream({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [{ role: 'user', content }] })
      .finalMessage();
  expect((await ask('Greet Ada.')).content).toContainEqual({ type: 'text', text: 'Hello.' });
  await expect(ask('Sing.')).rejects.toMatchObject({ status: 400 });
  await child.printed('violation: no conversation matches the first message: Sing.');
  child.process.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});

test('without a conversation file it ends with 64 and its usage', async () => {
  child = startCli([]);
  expect(await child.exited).toBe(64);
  expect(child.output()).toMatch(
    /^scripted-model: expected a conversation file\nusage: npm run scripted-model/,
  );
});

test.each([
  [
    'turns: []\n',
    'is not a conversation:\n✖ Invalid input: expected string, received undefined\n  → at when',
  ],
  ['when: [\n', 'Flow sequence'],
])('a conversation file with the text %j is refused', async (text, message) => {
  const file = path.join(folder, 'wrong.yml');
  await writeFile(file, text);
  expect(() => readConversation(file)).toThrow(message);
});

function startCli(args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripted-model/cli.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const looks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const look of looks) look();
    });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    process: child,
    output: () => output,
    exited,
    printed: (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => output.includes(text) && resolve();
        looks.add(look);
        look();
        void exited.then(() =>
          reject(new Error(`the program ended before it printed "${text}":\n${output}`)),
        );
      }),
  };
}
