import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const dist = path.join(import.meta.dirname, '..', '..', 'dist');
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();

/** Returns a module that makes Node find some packages nowhere, as if they were not installed. */
function hide(names: readonly string[]): string {
  const hooks = `
    export async function resolve(specifier, context, next) {
      const isHidden = ${JSON.stringify(names)}.includes(specifier);
      return next(isHidden ? specifier + '-that-is-missing' : specifier, context);
    }`;
  const source = `
    import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Runs Node without the packages of the providers, and waits for its end. */
async function runWithoutPackages(words: readonly string[], environment: Record<string, string> = {}) {
  const names = ['bedrock', 'vertex', 'foundry'].map((name) => `@anthropic-ai/${name}-sdk`);
  const hidden = ['--import', hide([...names, '@azure/identity'])];
  const folder = await createTemporaryFolder();
  const child = spawn(process.execPath, [...hidden, ...words], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, PULLWRIGHT_HOME: path.join(folder.path, 'home'), ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  await folder.remove();
  return { code, output };
}

function missing(setting: string, name: string, version: string): string {
  return (
    `${setting} needs the package ${name}, which is not installed; ` +
    `install it with: npm install --save-prod ${name}@${version}\n`
  );
}

test('without the package of its provider, the app refuses to start, in one line with the remedy', async () => {
  const settings = {
    ...{
      APP_ID: '1',
      PRIVATE_KEY: pem,
      WEBHOOK_SECRET: 'a-secret-of-enough-length',
      EGRESS: 'none',
      PORT: '0',
    },
    ...{ MODEL_PROVIDER: 'bedrock', AWS_REGION: 'us-east-1' },
  };
  expect(await runWithoutPackages([path.join(dist, 'cli.js'), 'start'], settings)).toEqual({
    code: 78,
    output: `pullwright: ${missing('MODEL_PROVIDER=bedrock', '@anthropic-ai/bedrock-sdk', '1')}`,
  });
});

test('each provider names its package, and the Claude API needs none', async () => {
  const settings = ['anthropic', 'bedrock', 'vertex', 'foundry'].map((name) => ({ name, apiKey: 'key' }));
  const script = `
    import { openProvider } from ${JSON.stringify(path.join(dist, 'model', 'providers', 'open-provider.js'))};
    for (const settings of ${JSON.stringify(settings)})
      await openProvider(settings).catch(({ message }) => console.log(message));`;
  expect(await runWithoutPackages(['--input-type=module', '--eval', script])).toEqual({
    code: 0,
    output: ['bedrock', 'vertex', 'foundry']
      .map((name) => missing(`MODEL_PROVIDER=${name}`, `@anthropic-ai/${name}-sdk`, '1'))
      .join(''),
  });
});
