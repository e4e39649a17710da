import { describeEnvironment } from '../../src/environment/describe-environment.js';
import type { Environment } from '../../src/environment/environment.js';
import type { EnvironmentSettings } from '../../src/environment/environment-settings.js';
import type { RepositoryTree } from '../../src/environment/repository-tree.js';

export function treeOf(files: Readonly<Record<string, string>>): RepositoryTree {
  return { files: new Set(Object.keys(files)), readFile: async (file) => files[file] ?? null };
}

export function describeFiles(
  files: Readonly<Record<string, string>>,
  settings?: Partial<EnvironmentSettings>,
): Promise<Environment> {
  return describeEnvironment(treeOf(files), {
    services: null,
    env: {},
    toolchains: {},
    baseBranch: null,
    ...settings,
  });
}

export const ci = '.github/workflows/ci.yml';

/** Describes a repository whose only workflow runs for pushes and has these jobs. */
export function describeJobs(
  jobs: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Environment> {
  return describeFiles({ [ci]: `on: [push, pull_request]\njobs:\n${jobs}`, ...more });
}

export function commandsOf(list: readonly { command: string; folder: string }[]): string[] {
  return list.map(({ command, folder }) => (folder === '' ? command : `${folder}: ${command}`));
}

/** Writes steps of a job. */
export const step = (...lines: string[]) => lines.map((line) => `      - ${line}\n`).join('');

/** Writes a job with these steps. */
export const job = (name: string, ...lines: string[]) =>
  `  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n${step(...lines)}`;

/** Writes a step that runs several commands. */
export const run = (...lines: string[]) =>
  `run: |\n${lines.map((line) => `          ${line}\n`).join('')}`.trimEnd();
