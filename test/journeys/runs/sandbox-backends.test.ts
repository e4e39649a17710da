import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { minimalProjectWith, solveMinimalProject } from '../../support/sample-projects.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld } from '../../support/world/start-world.js';

const root = path.join(import.meta.dirname, '..', '..', '..');

/** Starts the built program where it cannot come to serve, and waits for its end. */
async function start(environment: Record<string, string>, before: string[] = []) {
  const folder = await createTemporaryFolder();
  const { generateKeyPairSync } = await import('node:crypto');
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const [program = '', ...words] = [...before, process.execPath, path.join(root, 'dist', 'cli.js'), 'start'];
  const child = spawn(program, words, {
    cwd: folder.path,
    env: {
      PATH: process.env.PATH,
      PULLWRIGHT_HOME: path.join(folder.path, 'home'),
      APP_ID: '1',
      PRIVATE_KEY: key.export({ type: 'pkcs1', format: 'pem' }).toString(),
      WEBHOOK_SECRET: 'a-secret-of-enough-length',
      ANTHROPIC_API_KEY: 'sk-ant-x',
      EGRESS: 'none',
      PORT: '0',
      ...environment,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  await folder.remove();
  return { code, output };
}

test('without a sandbox the app refuses to start, in one line with the remedy', async () => {
  const withoutEngine = await start({
    SANDBOX: 'container',
    SANDBOX_IMAGE: 'x',
    SANDBOX_ENGINE: 'docker',
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  });
  expect(withoutEngine.code).toBe(69);
  expect(withoutEngine.output).toMatch(
    /pullwright: the sandbox needs a container engine \(Docker or Podman\)/,
  );
  expect(withoutEngine.output).not.toMatch(/pullwright is ready|\n {4}at /);

  if (process.getuid?.() !== 0) {
    console.log('skipped: bubblewrap can be hidden by root only');
    return;
  }
  const hidden = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind /dev/null /usr/bin/bwrap && exec "$@"',
    'sh',
  ];
  const withoutBubblewrap = await start({}, hidden);
  expect(withoutBubblewrap.code).toBe(69);
  expect(withoutBubblewrap.output).toMatch(/pullwright: the sandbox needs bubblewrap/);
  expect(withoutBubblewrap.output).not.toMatch(/pullwright is ready|\n {4}at /);
});

test('SANDBOX=none works, with warnings at the start, on the issue and in the pull request', async () => {
  const world = await startWorld({ SANDBOX: 'none' });
  try {
    expect(world.app.log.join('\n')).toMatch(/"level":"warn"[^\n]*SANDBOX=none/);
    const { outcome, comment, pulls } = await runIssue(world, {
      files: minimalProjectWith('test: sh /workspace/check.sh'),
      turns: solveMinimalProject,
    });
    expect(JSON.stringify(outcome)).toContain('"kind":"pull-request"');
    expect(comment).toMatch(/without a sandbox/);
    expect(pulls[0]?.body).toMatch(/without a sandbox/);
  } finally {
    await world.stop();
  }
});
