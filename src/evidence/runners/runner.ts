import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { ReportedCase } from './parsers/test-case.js';

/** Everything that Pullwright knows about one test runner. `runners.ts` lists all test runners. */
export interface Runner {
  /**
   * The name of the test runner in the evidence. It must not contain spaces, because a shell script prints it
   * unquoted.
   */
  readonly name: string;
  /**
   * Finds the shell commands that install what the tests need. Runners of the same language share one
   * function, which Pullwright calls only once.
   * @returns [] if the repository uses another language
   */
  readonly findSetup?: (tree: RepositoryTree) => Promise<string[]>;
  /**
   * Finds the command that runs a repository's tests with this runner, as a person would type it. This
   * function is undefined if only package scripts can start the runner.
   * @returns null if the repository does not use this runner
   */
  readonly detect?: (tree: RepositoryTree) => Promise<string | null>;
  /**
   * Matches a command that starts this runner, even if other words, such as `npx`, `c8` or `env A=1`, come
   * before the name of the runner.
   */
  readonly startedBy?: RegExp;
  /** How the runner reports the result of each test; null if the exit code is the only result. */
  readonly report: Report | null;
  /** Globs for the names of files that affect which tests run and how. The files can be in any folder. */
  readonly settingsFiles: readonly string[];
  /** Keys of a package.json that contain this runner's settings. */
  readonly packageKeys?: readonly string[];
  /** Matches the paths of tests and of their helpers, fixtures and snapshots. */
  readonly testPaths: RegExp;
}

/** How Pullwright makes a runner report the result of each test, and how it reads the report. */
export type Report = ReportFiles & (NodeReport | EnvironmentReport | CommandReport);

interface ReportFiles {
  /**
   * A shell expression for the paths of the report files. If the runner prints its report instead, the value
   * is `output`.
   */
  readonly files: string | 'output';
  /** Paths in reporters/ of Pullwright's own files that the runner loads. They all end up in one folder. */
  readonly reporters?: readonly string[];
  /**
   * Whether the runner runs one file after the other, each in a process of its own, while it records when
   * tests start.
   */
  readonly runsFilesInTurn?: boolean;
  /**
   * Reads the text of one report.
   * @param printed what the test command printed
   * @param folder the folder in which the command ran, relative to the repository's root; '' is the root
   * @throws Error if the report is invalid or incomplete
   */
  readonly parse: (text: string, printed: string, folder: string) => ParsedReport;
}

/**
 * A test runner that runs in Node. The file reporters/preload.cjs recognizes the runner even if a script or
 * another program starts it. It changes the arguments of the runner's program, or attaches a reporter to the
 * runner's library.
 */
interface NodeReport {
  readonly through: 'node';
  readonly programs: readonly NodeProgram[];
  readonly libraries?: readonly NodeLibrary[];
  readonly edits?: readonly NodeEdit[];
}

/**
 * A test runner that writes a report if environment variables tell it to. This works even if a script or a
 * Makefile starts the runner.
 */
interface EnvironmentReport {
  readonly through: 'environment';
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the command accepts names of test files at its end. The runner then runs only these files. */
  readonly takesFiles?: boolean;
}

/**
 * A test runner that writes a report only if Pullwright changes the test command. The change has no effect on
 * a runner that a script or a Makefile starts. For such a runner, `wrapper` can change its arguments.
 */
interface CommandReport {
  readonly through: 'command';
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Changes the test command so that the runner writes a report.
   * @param files the test files to run, relative to the folder of the command. A runner that cannot select
   * files runs all tests.
   */
  readonly rewrite: (command: string, files?: readonly string[]) => string;
  /**
   * A bash script that runs in place of a program, such as `go`, if another command starts the program. It
   * makes the runner write a report. `$real` is the path of the program.
   */
  readonly wrapper?: { readonly program: string; readonly script: string };
  /** Whether the runner writes its report files even if the command is not changed. */
  readonly isAlwaysWritten?: boolean;
}

/** Describes how preload.cjs makes a Node program write a report. */
export interface NodeProgram {
  /** Matches the path of the script that Node runs, after symbolic links are resolved. */
  readonly script: RegExp;
  /** Arguments that make the program write a report. The process id replaces `{pid}`. */
  readonly arguments: readonly string[];
  /** Further arguments that make the program record when its tests start. */
  readonly startsArguments?: readonly string[];
  /** Name of the file in reporters/ that preload.cjs attaches to the process of the program. */
  readonly attaches?: string;
  /** Whether the tests run in other processes or threads, so that they cannot change what it reports. */
  readonly isSeparate?: boolean;
  /**
   * Matches options that stop the run at the first failure. preload.cjs removes them, because Pullwright
   * needs every result.
   */
  readonly removes?: RegExp;
  /**
   * Arguments that make the program print its human-readable output in addition to the report. preload.cjs
   * adds them if no argument of the command matches `unless`.
   */
  readonly printer?: { readonly unless: RegExp; readonly arguments: readonly string[] };
  /**
   * Matches options and commands with which the program waits for changes of files and never ends.
   * preload.cjs removes them. A command, which has no dashes, can only be the first argument.
   */
  readonly watches?: RegExp;
  /**
   * The form in which the program accepts test files, and their position among the arguments. Undefined if
   * the program accepts none.
   */
  readonly files?: {
    readonly as: 'absolute' | 'relative' | 'pattern';
    readonly at: 'front' | 'end';
  };
}

/** A module of a test runner that any Node program can load. */
export interface NodeLibrary {
  /** Matches the path of the module's file, after symbolic links are resolved. */
  readonly script: RegExp;
  /**
   * Name of the file in reporters/ that attaches a reporter. It exports a function `attach`, which gets the
   * exports of the module and returns what replaces them.
   */
  readonly attaches: string;
}

/** A module of a test runner whose source must change, because its exports show no results. */
export interface NodeEdit {
  /** Matches the path of the module's file. */
  readonly script: RegExp;
  /** The source only changes in projects that have this package. */
  readonly ofPackage: string;
  /**
   * Name of the file in reporters/ that exports `attach`, which the process calls first, and `edit`, which
   * gets the source and returns the changed one.
   */
  readonly edits: string;
}

export interface ParsedReport {
  cases: ReportedCase[];
  /** False if the runner ended before it had run all tests; undefined if the report does not show this. */
  ended?: boolean;
  /**
   * The runner's human-readable output, if the runner writes it into the report instead of printing it;
   * otherwise undefined.
   */
  output?: string;
}

/**
 * Name of the folder for reports. Code that contains this name may be an attempt to write fake reports, so
 * the scan marks every file to which a change adds the name.
 */
export const reportsFolder = 'pullwright-reports';

/** The folder in a sandbox that contains Pullwright's reporters and the reports that they write. */
export const reportsPath = `/tmp/${reportsFolder}`;

/**
 * A file that the test script writes before the tests start. A report file that is newer than this file comes
 * from this test run.
 */
export const startMark = `${reportsPath}/started`;

/** Returns a shell expression for the report files that this test run wrote into the repository. */
export function findNewFiles(glob: string): string {
  return `$(find . -newer ${startMark} -path '${glob}' -not -path '*/node_modules/*')`;
}

export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
