import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessResult, runProcess } from '../process/run-process.js';
import type { BackendOptions } from './backend-options.js';
import type { Engine } from './container-arguments.js';

/** Finds and removes containers with the engine's command-line client. */
export interface ContainerEngine {
  /**
   * Removes all containers that have the label.
   * @param except names of containers to keep
   */
  sweep(label: string, except: ReadonlySet<string>): Promise<void>;
  /**
   * Removes a container after its client was killed, and checks that the container is gone.
   * @param exists whether the client reported a container. If not, the engine may still create a container,
   * so the method waits for one.
   * @returns false when no container appeared during the wait; the engine may still create one later
   * @throws Error when the container cannot be removed
   */
  remove(name: string, exists: boolean): Promise<boolean>;
}

const commandTimeoutMs = 30_000;
/**
 * After a client was killed, the engine may still create the container that the client requested. This is the
 * time to wait for such a container, in milliseconds.
 */
const creationMs = 5000;
const removalMs = 20_000;
const pollMs = 200;

export function openContainerEngine(
  { program }: Engine,
  environment: Record<string, string>,
): ContainerEngine {
  const list = async (filter: string): Promise<string[]> => {
    const args = ['ps', '--all', '--format', '{{.Names}}', '--filter', filter];
    const { exitCode, stdout, stderr } = await runClient(program, environment, args);
    if (exitCode !== 0)
      throw new Error(`sandbox: ${program} could not list containers: ${stderr.trim().slice(0, 300)}`);
    return stdout.split('\n').filter(Boolean);
  };
  /** @returns the error; null when the containers are removed or did not exist */
  const removeOnce = async (names: readonly string[]): Promise<string | null> => {
    // By default, Podman waits ten seconds for a container that ignores signals. `--time 0` prevents this.
    // Docker does not have this option.
    const atOnce = program === 'podman' ? ['--time', '0'] : [];
    const { exitCode, stderr } = await runClient(program, environment, [
      'rm',
      '--force',
      ...atOnce,
      ...names,
    ]);
    return exitCode === 0 || /no such container/i.test(stderr) ? null : stderr.trim().slice(0, 300);
  };
  /**
   * Removes containers, with retries. While a container is starting or ending, the engine may refuse to
   * remove it for a short time.
   */
  const removeAll = async (findNames: () => Promise<string[]>): Promise<void> => {
    const startedAt = Date.now();
    for (let names = await findNames(); names.length > 0; names = await findNames()) {
      const error = await removeOnce(names);
      if (Date.now() - startedAt > removalMs)
        throw new Error(`sandbox: ${program} could not remove a container: ${error ?? 'it reappears'}`);
      if (error !== null) await pause(pollMs);
    }
  };

  return {
    sweep: (label, except) =>
      removeAll(async () => (await list(`label=${label}`)).filter((name) => !except.has(name))),

    remove: async (name, exists) => {
      const find = () => list(`name=^${name}$`);
      const startedAt = Date.now();
      let isFound = exists || (await find()).length > 0;
      while (!isFound && Date.now() - startedAt < creationMs) {
        await pause(pollMs);
        isFound = (await find()).length > 0;
      }
      if (isFound) await removeAll(find);
      return isFound;
    },
  };
}

/**
 * Finds a container engine, and asks it whether it is rootless.
 * @param wanted the operator's choice; if null, tries Podman first, then Docker
 * @throws Error when no engine responds
 */
export async function findEngine(
  wanted: BackendOptions['engine'],
  environment: Record<string, string>,
): Promise<Engine> {
  const failures: string[] = [];
  for (const program of wanted ? [wanted] : (['podman', 'docker'] as const)) {
    const format = program === 'podman' ? '{{.Host.Security.Rootless}}' : '{{.SecurityOptions}}';
    try {
      const args = ['info', '--format', format];
      const { exitCode, stdout, stderr } = await runClient(program, environment, args);
      if (exitCode === 0) return { program, rootless: /true|rootless/.test(stdout) };
      failures.push(`${program} info: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    } catch (error) {
      failures.push(`${program}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `the sandbox needs a container engine (Docker or Podman) that responds to this user (${failures.join('; ')})`,
  );
}

function runClient(
  program: Engine['program'],
  environment: Record<string, string>,
  args: string[],
): Promise<ProcessResult> {
  return runProcess(
    [program, ...args],
    { env: environment },
    { timeoutMs: commandTimeoutMs, maxOutputBytes: 1024 * 1024 },
  );
}
