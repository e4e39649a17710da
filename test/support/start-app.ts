import { type ChildProcess, spawn } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { LocalGitHub } from '../../local-github/local-github.js';
import type { ScriptedModel } from '../../scripted-model/scripted-model.js';
import { createTemporaryFolder } from './temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');

export const webhookSecret = 'a secret for the tests only';

export interface App {
  port: number;
  /** Where GitHub sends deliveries. */
  webhookUrl: string;
  /** Everything it has printed so far, one entry per line. */
  log: string[];
  process: ChildProcess;
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
  /** Sends SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
}

/** The settings that connect the app to the two doubles and keep its files below `home`. */
export function appEnvironment(
  github: LocalGitHub,
  model: ScriptedModel,
  home: string,
): Record<string, string> {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    WEBHOOK_SECRET: webhookSecret,
    GHE_HOST: github.host,
    GHE_PROTOCOL: 'http',
    ANTHROPIC_API_KEY: model.apiKey,
    ANTHROPIC_BASE_URL: model.url,
    PULLWRIGHT_HOME: home,
  };
}

/**
 * Starts the built program as an operator would, with no environment but the given one. Resolves when it is
 * ready.
 * @param program the folder of the build
 * @param killed kills the process, even while it starts
 * @throws Error with everything it printed, when it ends before it is ready
 */
export async function startApp(
  environment: Record<string, string>,
  role: 'start' | 'web' | 'worker' = 'start',
  program = path.join(root, 'dist'),
  killed?: AbortSignal,
): Promise<App> {
  const child = spawn(process.execPath, [path.join(program, 'cli.js'), role], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  killed?.addEventListener('abort', () => child.kill('SIGKILL'));
  const log: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        // A worker listens on no port.
        if (line.includes('"msg":"pullwright is ready"'))
          resolve(Number(/"port":(\d+)/.exec(line)?.[1] ?? 0));
      });
    void exited.then((code) => reject(new Error(`the app ended with exit code ${code}:\n${log.join('\n')}`)));
  });
  return {
    port,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    log,
    process: child,
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A text to replace in a file of the build. The path is relative to `dist`. */
export interface BuildChange {
  file: string;
  from: string | RegExp;
  to: string;
}

/** Copies the build into a folder of its own, as a later version with other texts. */
export async function copyBuild(version: string, changes: readonly BuildChange[] = []) {
  const folder = await createTemporaryFolder();
  const program = path.join(folder.path, 'dist');
  await cp(path.join(root, 'dist'), program, { recursive: true });
  for (const name of ['node_modules', 'agents'])
    await symlink(path.join(root, name), path.join(folder.path, name));
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as object;
  await writeFile(path.join(folder.path, 'package.json'), JSON.stringify({ ...manifest, version }));
  for (const { file, from, to } of changes) {
    const target = path.join(program, file);
    const text = await readFile(target, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`found no ${from} in ${target}`);
    await writeFile(target, changed);
  }
  return { program, remove: folder.remove };
}

/** Workflows of another application version are restarted. */
export function setApplicationVersion(version: string): BuildChange {
  return {
    file: 'engine/application-version.js',
    from: /applicationVersion = '[^']+'/,
    to: `applicationVersion = '${version}'`,
  };
}
