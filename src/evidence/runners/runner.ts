import type { TestCase } from '../evidence.js';
import type { RepositoryTree } from '../repository-tree.js';

/** Everything that the product knows about one test runner. `runners.ts` lists them all. */
export interface Runner {
  /** Stored with each run and shown beside its results. It has no spaces. */
  readonly name: string;
  /**
   * Finds the shell commands that install what the tests need; none where the repository is of another
   * language. Runners of one language share one function, which is called once.
   */
  readonly findSetup?: (tree: RepositoryTree) => Promise<string[]>;
  /**
   * Finds the command that runs a repository's tests with this runner, as a person would type it.
   * @returns null if the repository does not use this runner, or if only a package script can name it
   */
  readonly detect?: (tree: RepositoryTree) => Promise<string | null>;
  /**
   * Matches a command that starts this runner. The program's name may follow other words, such as `npx`, `c8`
   * or `env A=1`.
   */
  readonly startedBy?: RegExp;
  /** How the runner reports the result of each test; null if there is only an exit code. */
  readonly report: Report | null;
  /** Names (globs) of files, in any folder, that change which tests run and how. */
  readonly settingsFiles: readonly string[];
  /** Keys of a package.json that contain this runner's settings. */
  readonly packageKeys?: readonly string[];
  /** Matches the paths of tests and of their helpers, fixtures and snapshots. */
  readonly testPaths: RegExp;
}

/** How Pullwright makes a runner report the result of each test, and how it reads the report. */
export type Report = ReportFiles & (NodeReport | EnvironmentReport | CommandReport);

interface ReportFiles {
  /** Shell words for the report files; `output` if the runner prints the report. */
  readonly files: string | 'output';
  /** Names of our own files in reporters/ that the runner loads. */
  readonly reporters?: readonly string[];
  /** Reads one report file. It may throw on a report that was cut off. */
  readonly parse: (text: string) => ParsedReport;
}

/**
 * A Node program. `reporters/preload.cjs` recognizes it even if a script starts it, and changes its
 * arguments.
 */
interface NodeReport {
  readonly through: 'node';
  readonly programs: readonly NodeProgram[];
}

/**
 * A runner that writes a report when environment variables are set. It therefore also reports when a script
 * or a Makefile starts it.
 */
interface EnvironmentReport {
  readonly through: 'environment';
  readonly environment: Readonly<Record<string, string>>;
  /** If test files are named after the command, only those run. */
  readonly takesFiles?: boolean;
}

/**
 * A runner that writes a report only with an argument or through another program. The command itself must
 * therefore start it.
 */
interface CommandReport {
  readonly through: 'command';
  readonly environment?: Readonly<Record<string, string>>;
  /** @param files run only these files if the runner supports it */
  readonly rewrite: (command: string, files?: readonly string[]) => string;
}

/** How the arguments of a Node program are changed so that it reports. */
export interface NodeProgram {
  /** Matches the real path of the script that Node was started with. */
  readonly script: RegExp;
  /** Arguments that ask for a report; `{pid}` stands for the process's id. */
  readonly arguments: readonly string[];
  /** Options to remove: they end the run at its first failure, and every result is wanted. */
  readonly removes?: RegExp;
  /** Arguments that keep the output for people, added unless one of the command's own arguments matches. */
  readonly printer?: { readonly unless: RegExp; readonly arguments: readonly string[] };
  /** An option that our reporter replaces: its value goes to the reporter as a variable. */
  readonly replaces?: { readonly options: readonly string[]; readonly variable: string };
  /** How test files are passed to the program, and whether before or after its arguments. */
  readonly files: {
    readonly as: 'absolute' | 'relative' | 'pattern';
    readonly at: 'front' | 'end';
  };
}

export interface ParsedReport {
  cases: TestCase[];
  /** False if the runner ended before its last test; undefined if the report does not say. */
  ended?: boolean;
  /** The output that the runner would have printed, if the report replaced it. */
  output?: string;
}

/** Code that uses this folder name can write false test results, so the scan of a change marks it. */
export const reportsFolder = 'pullwright-reports';

/** Where a sandbox keeps our reporters and what they write. */
export const reportsPath = `/tmp/${reportsFolder}`;

/**
 * A file that `test-script.ts` writes before the tests start: report files that are newer come from this run.
 */
export const startMark = `${reportsPath}/started`;

/** Shell words for report files that this run wrote into the repository. */
export function findNewFiles(glob: string): string {
  return `$(find . -newer ${startMark} -path '${glob}' -not -path '*/node_modules/*')`;
}

export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
