import { setTimeout as pause } from 'node:timers/promises';
import { runProcess } from '../process/run-process.js';
import type { Engine } from './container-arguments.js';

/** A container engine, by its command line. */
export interface ContainerEngine {
  /** Ends every container that has the label, but for those with these names. */
  sweep(label: string, but: ReadonlySet<string>): Promise<void>;
  /**
   * Ends a container whose client was killed, and looks until there is none of that name.
   * @param isMade false: the client was killed before it said that there is a container, and there may be one yet
   * @returns whether it is known to be gone, and not only to be nowhere so far
   * @throws Error when it cannot be ended
   */
  end(name: string, isMade: boolean): Promise<boolean>;
}

const engineTimeoutMs = 30_000;
/** So long is looked for what the engine may be making for a client that is dead. */
const makingMs = 5000;
const endingMs = 20_000;
const betweenLooksMs = 200;

export function openContainerEngine(
  { program }: Engine,
  environment: Record<string, string>,
): ContainerEngine {
  const list = async (filter: string): Promise<string[]> => {
    const args = ['ps', '--all', '--format', '{{.Names}}', '--filter', filter];
    const { exitCode, stdout, stderr } = await ask(program, environment, args);
    if (exitCode !== 0)
      throw new Error(`sandbox: containers could not be listed: ${stderr.trim().slice(0, 300)}`);
    return stdout.split('\n').filter(Boolean);
  };
  /** @returns what was in the way; null: nothing, or nothing was there */
  const remove = async (names: readonly string[]): Promise<string | null> => {
    // Podman would otherwise wait ten seconds for a container that does not care; Docker has no such option.
    const atOnce = program === 'podman' ? ['--time', '0'] : [];
    const { exitCode, stderr } = await ask(program, environment, ['rm', '--force', ...atOnce, ...names]);
    return exitCode === 0 || /no such container/i.test(stderr) ? null : stderr.trim().slice(0, 300);
  };
  /** One that is being made, or is ending, may refuse for a moment. */
  const removeUntilGone = async (names: () => Promise<string[]>): Promise<void> => {
    const start = Date.now();
    for (let found = await names(); found.length > 0; found = await names()) {
      const fault = await remove(found);
      if (Date.now() - start > endingMs)
        throw new Error(`sandbox: a container could not be ended: ${fault ?? 'it is there again'}`);
      if (fault !== null) await pause(betweenLooksMs);
    }
  };

  return {
    sweep: (label, but) =>
      removeUntilGone(async () => (await list(`label=${label}`)).filter((name) => !but.has(name))),

    end: async (name, isMade) => {
      const find = () => list(`name=^${name}$`);
      const start = Date.now();
      let isThere = isMade || (await find()).length > 0;
      while (!isThere && Date.now() - start < makingMs) {
        await pause(betweenLooksMs);
        isThere = (await find()).length > 0;
      }
      if (isThere) await removeUntilGone(find);
      return isThere;
    },
  };
}

/**
 * @param wanted the operator's choice; null: whichever of the two answers
 * @throws Error when none answers
 */
export async function findEngine(
  wanted: Engine['program'] | null,
  environment: Record<string, string>,
): Promise<Engine> {
  const tried: string[] = [];
  for (const program of wanted ? [wanted] : (['podman', 'docker'] as const)) {
    const format = program === 'podman' ? '{{.Host.Security.Rootless}}' : '{{.SecurityOptions}}';
    try {
      const { exitCode, stdout, stderr } = await ask(program, environment, ['info', '--format', format]);
      if (exitCode === 0) return { program, rootless: /true|rootless/.test(stdout) };
      tried.push(`${program} info: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    } catch (error) {
      tried.push(`${program}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `the sandbox needs Docker or Podman, and an engine that answers to this user (${tried.join('; ')})`,
  );
}

function ask(program: string, environment: Record<string, string>, args: string[]) {
  return runProcess(
    [program, ...args],
    { env: environment },
    { timeoutMs: engineTimeoutMs, maxOutputBytes: 1024 * 1024 },
  );
}
