import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Environment } from '../../src/environment/environment.js';
import { describeProject } from '../../src/evidence/commands/describe-project.js';
import type { Commands } from '../../src/evidence/commands/find-commands.js';
import type { TestRun } from '../../src/evidence/evidence.js';
import { runSuites } from '../../src/evidence/run-suites.js';
import type { Egress, Sandboxes } from '../../src/sandbox/sandbox.js';
import { parseSettings, type Settings } from '../../src/task/settings.js';
import type { Repository } from '../../src/task/task.js';
import { listFiles, readFile } from '../../src/workspace/git-store.js';
import { openMirror } from '../../src/workspace/mirrors/mirror.js';
import { openWorkspaces } from '../../src/workspace/open-workspaces.js';
import { emptyProvision, type Provision } from '../../src/workspace/provision.js';
import type { SetupResult } from '../../src/workspace/workspace.js';

export interface MeasureOptions {
  /** A bare repository that contains the commit. */
  folder: string;
  commit: string;
  /** `owner/name`. The operator's rules about the network depend on it. */
  repo: string;
  setup?: string[] | null;
  /** The test command. Without a folder, it runs in the root of the repository. */
  test?: NamedTest | null;
  /** The repository's settings; default: `setup` and `test`. */
  settings?: Settings;
  /** Time limits in milliseconds; default: those of `createMeasureCommit`. */
  timeoutMs?: { setup: number; test: number };
  /** How often the tests run, each time in a new copy of the set-up. Default: once. */
  times?: number;
}

export interface Measured {
  environment: Environment;
  commands: Commands;
  setup: SetupResult;
  /** Empty if there are no tests. */
  runs: TestRun[];
}

/** Sets up a commit in a new sandbox and runs its tests there. */
export type MeasureCommit = (options: MeasureOptions) => Promise<Measured>;

export interface MeasuringOptions {
  /** The folder for everything that is measured. */
  folder: string;
  sandboxes: Sandboxes;
  /** The hosts that a repository's set-up can reach. */
  egressOf(repository: Repository): Egress;
  /** Provides what a repository needs, such as a database. Default: nothing. */
  provide?(environment: Environment, egress: Egress): Promise<Provision>;
  timeoutMs?: { setup: number; test: number };
}

const minuteMs = 60_000;

/** Creates the function that measures commits with the product's own workspace and test runners. */
export function createMeasureCommit({
  folder,
  sandboxes,
  egressOf,
  provide = async () => emptyProvision,
  timeoutMs: limits = { setup: 20 * minuteMs, test: 20 * minuteMs },
}: MeasuringOptions): MeasureCommit {
  return async ({ folder: gitDir, commit, repo, setup = null, test = null, settings, ...options }) => {
    const { timeoutMs = limits, times = 1 } = options;
    const commands = await readCommands(gitDir, commit, settings ?? { setup, test });
    const workspaces = openWorkspaces({
      folder: path.join(folder, 'runs'),
      webUrl: 'http://unused.invalid',
      sandboxes,
      mirrors: { open: () => openMirror(gitDir), update: refuse, tidy: refuse },
      checkpoints: { save: refuse, load: refuse },
      grantGitAccess: refuse,
      findSibling: async () => null,
      egressOf,
      provide,
    });
    const workspace = await workspaces.open({
      runId: randomUUID(),
      repository: repositoryOf(repo),
      baseCommit: commit,
      baseBranch: 'main',
      commits: [],
      environment: commands.environment,
      setup: commands.setup,
      egress: null,
      setupTimeoutMs: timeoutMs.setup,
    });
    try {
      const runs: TestRun[] = [];
      if (commands.tests.length > 0)
        for (let time = 0; time < times; time++) {
          const copy = await workspace.openScratchCopy(commit);
          const { run } = await runSuites(copy.sandbox, commands.tests, {
            timeoutMs: timeoutMs.test,
            leavesOutGuesses: true,
          });
          runs.push(run);
          await copy.dispose();
        }
      const { environment } = commands;
      return { environment, commands, setup: workspace.setupResult, runs };
    } finally {
      await workspace.dispose();
    }
  };
}

/**
 * Finds the commands as the product does.
 * @param settings the settings of a repository, or the commands that replace those of a repository without
 * settings
 */
export async function readCommands(
  gitDir: string,
  commit: string,
  settings: Settings | { setup: string[] | null; test: NamedTest | null },
): Promise<Commands & { environment: Environment }> {
  const store = { gitDir };
  const files = new Set(await listFiles(store, commit));
  const tree = { files, readFile: (file: string) => readFile(store, commit, file) };
  return describeProject(tree, 'setupAdds' in settings ? settings : withDefaults(settings));
}

type NamedTest = string | { command: string; folder: string };

function withDefaults({ setup, test }: { setup: string[] | null; test: NamedTest | null }): Settings {
  const parsed = parseSettings(null);
  if ('faults' in parsed) throw new Error('expected defaults for all settings');
  const named = typeof test === 'string' ? { command: test, folder: '' } : test;
  const tests = named && [{ name: null, folder: named.folder, command: named.command }];
  return { ...parsed.settings, setup, test: tests };
}

/** The repository is on this machine. Nothing is fetched, pushed or stored elsewhere. */
async function refuse(): Promise<never> {
  throw new Error('evaluate: a measurement needed something outside of its own repository');
}

function repositoryOf(repo: string): Repository {
  const [owner = '', name = ''] = repo.split('/');
  return { id: 1, owner, name, defaultBranch: 'main', private: false, installationId: 1 };
}
