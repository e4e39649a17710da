import path from 'node:path';
import type { CiTest } from '../environment.js';
import { preference, readImage } from '../images.js';
import { ofOtherLanguages } from '../shell/program-kinds.js';
import { splitWords } from '../shell/split-script.js';
import { stripPrefixes } from '../shell/strip-prefixes.js';
import type { JobReading } from './job-builder.js';
import type { JobReadings } from './read-ci.js';

/*
 * Which jobs describe the environment of the tests:
 *
 * 1. Only jobs that run tests count, on Linux where there is one. Jobs that deploy, and jobs whose tests run
 *    in a browser, count only if there is no other.
 * 2. The first job is the one with the most common database, then the one whose name says that it tests,
 *    then the one with the most tests.
 * 3. Another job joins if it agrees: no service has another image, and no variable another value. Its
 *    services and tests are added. Its toolchains are those of the first job. One that has no test of its own
 *    adds nothing, because its variables may be for another run of the same tests. Another combination of a
 *    matrix joins if its toolchains agree too.
 * 4. A job that does not agree is named. Another combination of the same matrix is not named: it runs the
 *    same tests.
 * 5. A job that only tests in a language without a toolchain here, such as Elixir, counts only if there is no
 *    other. A job without a server whose variables are secrets joins no other job: its tests need an account.
 * 6. If no job tests, the first job with a database counts, with what it prepares.
 */

export interface ChosenJobs {
  /** In the order of precedence; empty if no job tests. */
  readings: JobReading[];
  unclear: string[];
}

const maxUnclear = 6;
const inContainer = 'runs the tests in a container.';

export function chooseJobs(jobs: readonly JobReadings[]): ChosenJobs {
  const { testing, unclear } = leaveOutOtherLanguages(
    jobs
      .map((job) => ({ ...job, readings: job.readings.filter(({ tests }) => tests.length > 0) }))
      .filter(({ readings }) => readings.length > 0),
  );
  if (testing.length === 0) {
    const job = findJobWithServer(jobs);
    if (job) return job;
  }
  const sorted = sortJobs(testing);
  const chosen: JobReading[] = [];
  for (const { readings } of sorted) {
    const needed = readings[0] ? describeNeeded(readings[0], chosen) : null;
    if (needed !== null) {
      unclear.push(needed);
      continue;
    }
    const own: JobReading[] = [];
    let reason: string | null = null;
    for (const reading of readings.filter((one) => one.isLinux === readings[0]?.isLinux)) {
      const differences = [
        ...own.map((other) => findDifference(reading, other) ?? findOtherVersion(reading, other)),
        ...chosen.map((other) => findDifference(reading, other)),
      ];
      const difference = differences.find((one) => one !== null) ?? null;
      if (difference === null) own.push(reading);
      else reason ??= difference;
    }
    const [first] = readings;
    const [joined, ...others] = own;
    const job = first && jobOf(first);
    if (!joined && first && reason && addsTests(first, chosen))
      unclear.push(`${first.source}: ${job} was left out, because ${reason}.`);
    const adding = own.filter(
      (one) => addsTests(one, chosen) && !(others.includes(one) && joined && repeatsTests(one, joined)),
    );
    const other = joined && chosen[0] && findOtherVersion(joined, chosen[0]);
    if (other && adding.length > 0)
      unclear.push(
        `${joined.source}: the tests of ${job} run with the version of the other job, although ${other}.`,
      );
    for (const one of adding) if (addsTests(one, chosen)) chosen.push(one);
  }
  // Nobody can say why no test was found, except the jobs themselves.
  const reasons =
    chosen.length > 0
      ? []
      : jobs.filter((job) => !isForOthers(job)).flatMap(({ readings }) => readings[0]?.unclear ?? []);
  // Tests in containers are tests, although no command of the job says so.
  const hidden = jobs
    .filter(({ readings }) => readings.every(({ tests }) => tests.length === 0))
    .flatMap(({ readings }) => readings[0]?.unclear ?? [])
    .filter((sentence) => sentence.endsWith(inContainer));
  const all = [...new Set([...unclear, ...reasons, ...hidden])];
  const more = all.length > maxUnclear ? [`${all.length - maxUnclear} more jobs of CI were left out.`] : [];
  return { readings: chosen, unclear: [...all.slice(0, maxUnclear), ...more] };
}

/** Returns the jobs that count, the most important one first. */
function sortJobs(testing: readonly JobReadings[]): JobReadings[] {
  const candidates = [
    testing.filter((job) => isLinux(job) && !isForOthers(job) && !job.readings[0]?.isInBrowser),
    testing.filter((job) => isLinux(job) && !isForOthers(job)),
    testing.filter(isLinux),
    testing,
  ].find((some) => some.length > 0);
  return [...(candidates ?? [])].sort((a, b) => weigh(b) - weigh(a));
}

/** Leaves out jobs that only test in a language without a toolchain here, if another job tests. */
function leaveOutOtherLanguages(testing: JobReadings[]): { testing: JobReadings[]; unclear: string[] } {
  const programOf = ({ command }: CiTest) =>
    stripPrefixes(splitWords(command.split('\n').at(-1) ?? ''))[0] ?? '';
  const isOther = ({ readings }: JobReadings) =>
    readings.every(({ tests }) => tests.every((test) => ofOtherLanguages.test(programOf(test))));
  if (testing.every(isOther)) return { testing, unclear: [] };
  const unclear = testing.filter(isOther).flatMap(({ readings: [reading] }) => {
    const [test] = reading?.tests ?? [];
    return reading && test
      ? [
          `${reading.source}: ${jobOf(reading)} was left out, because nothing here provides \`${programOf(test)}\`.`,
        ]
      : [];
  });
  return { testing: testing.filter((job) => !isOther(job)), unclear };
}

/** Says which secrets a job needs beside those of the first job; null if its tests may work without any. */
function describeNeeded(reading: JobReading, chosen: readonly JobReading[]): string | null {
  const [first] = chosen;
  const needed = reading.secrets.filter((name) => !first?.secrets.includes(name));
  const mayWork = !first || needed.length === 0 || reading.services.length > 0;
  if (mayWork || !addsTests(reading, chosen)) return null;
  return `${reading.source}: ${jobOf(reading)} was left out, because its tests need ${needed.slice(0, maxSecrets).join(', ')}, which CI takes from secrets.`;
}

const maxSecrets = 5;

/** Names a job beside its file. */
function jobOf(reading: JobReading): string {
  return labelFor(reading, reading);
}

/** If no job is known to test, the one that starts a database says most about the tests. */
function findJobWithServer(jobs: readonly JobReadings[]): ChosenJobs | null {
  const withServer = jobs.filter(
    (job) => isLinux(job) && !isForOthers(job) && findPreferences(job.readings[0]).length > 0,
  );
  const [best] = withServer.sort((a, b) => weigh(b) - weigh(a));
  const reading = best?.readings[0];
  if (!reading) return null;
  const sentence = `${reading.source}: no command of CI is known to test; the servers are those of ${jobOf(reading)}.`;
  return { readings: [reading], unclear: [sentence] };
}

function findPreferences(reading: JobReading | undefined): number[] {
  const all = (reading?.services ?? []).map(({ kind }) => preference[kind]);
  return all.filter((weight) => weight > 0).sort((a, b) => b - a);
}

function isLinux({ readings }: JobReadings): boolean {
  return readings[0]?.isLinux ?? false;
}

/** Names of jobs that do not test the code, even if their name says `test`. */
const neverTests =
  /deploy|release|publish|bench|perf|fuzz|\b[ds]ast\b|browser|sauce|playwright|cypress|mutation|canary|nightly|codeql|sonar|windows|macos|compat|coverage|web-?worker|bundler?[-_ ]tests?/i;
/** Names of jobs that do not test the code, except if their name says so. */
const seldomTests = /lint|format|docs?\b|smoke|docker|image|website|storybook|chart|helm/i;

/** Whether the job's name says that it is not for the tests of the code. */
function isForOthers({ id, name, workflow }: JobReadings): boolean {
  const base = workflow.split('/').at(-1) ?? '';
  const named = `${id} ${name}`;
  if (neverTests.test(named) || neverTests.test(base)) return true;
  return seldomTests.test(named) && !/\btests?\b|unit|integration/i.test(named);
}

/** What people type to run all tests. */
const usualTest = /^(?:(?:npm|pnpm|yarn|bun)(?: run)? test(?:\s|$)|pytest|go test|make test|cargo test)/;

function weigh({ id, name, workflow, readings }: JobReadings): number {
  const [first] = readings;
  if (!first) return 0;
  const known = findPreferences(first);
  const named = `${id} ${name}`;
  return (
    (known[0] ? 100 + known[0] : 0) +
    // A folder often holds the same product in another language.
    (first.tests.some(({ folder }) => folder === '') ? 8 : 0) +
    (/(?:\b|_)tests?(?:\b|_)|unit|integration|spec/i.test(`${named} ${workflow.slice(18)}`) ? 20 : 0) -
    (/smoke|coverage/i.test(`${named} ${workflow}`) ? 15 : 0) -
    // Most projects that also test with these runtimes mainly run on Node.
    (/(?:\b|_)(?:bun|deno)(?:\b|_)/i.test(named) ? 12 : 0) -
    // Tests with an account of another company cannot run here.
    (first.secrets.length > 0 ? 10 : 0) +
    (/\b(?:ci|build|check|backend|server|api)\b/i.test(named) ? 5 : 0) +
    (/(?:^|\/)(?:ci|tests?|build|main|node\.?js|python|go)\b/i.test(
      workflow.replace('.github/workflows/', ''),
    )
      ? 5
      : 0) +
    (first.tests.some(({ command }) => usualTest.test(command)) ? 6 : 0) +
    Math.min(first.tests.length, 4)
  );
}

/** @returns what keeps two readings from being one environment, or null if they agree */
function findDifference(reading: JobReading, other: JobReading): string | null {
  const from = labelFor(other, reading);
  for (const service of reading.services) {
    const theirs = other.services.find((one) => one.name === service.name);
    if (theirs && !isSameServer(theirs.image, service.image))
      return `its service ${service.name} has another image than that of ${from}`;
    const rival = other.services.find(
      (one) => one.kind === service.kind && one.ports[0] === service.ports[0],
    );
    if (rival && service.kind !== 'other' && !isSameServer(rival.image, service.image))
      return `it has ${service.image} where ${from} has ${rival.image}`;
  }
  for (const [file, command] of listWritten(reading)) {
    const theirs = listWritten(other).get(file);
    if (theirs !== undefined && theirs !== command) return `it writes ${file} in another way than ${from}`;
  }
  for (const [name, value] of Object.entries(reading.variables)) {
    const theirs = other.variables[name];
    if (theirs !== undefined && theirs !== value) return `it has another value of ${name} than ${from}`;
  }
  return null;
}

/** Returns the files that the preparation of a job writes, each with its command. */
function listWritten({ preparation }: JobReading): Map<string, string> {
  const written = new Map<string, string>();
  for (const { command, folder } of preparation) {
    const target =
      /\s>\s*([\w./-]+)$/.exec(command)?.[1] ?? /^cp\s+\S+\s+([\w./-]*[\w-])$/.exec(command)?.[1];
    if (target) written.set(path.posix.join(folder, target), command);
  }
  return written;
}

/** @returns a sentence if a toolchain has another version */
function findOtherVersion(reading: JobReading, other: JobReading): string | null {
  for (const { name, version } of reading.toolchains) {
    const theirs = other.toolchains.find((one) => one.name === name);
    if (theirs && theirs.version !== version)
      return `it asks for ${name} ${version} and ${labelFor(other, reading)} for ${theirs.version}`;
  }
  return null;
}

function labelFor({ label }: JobReading, { source }: JobReading): string {
  return label.replace(` of ${source}`, '');
}

function isSameServer(one: string, other: string): boolean {
  const [a, b] = [readImage(one), readImage(other)];
  return a.kind === b.kind && a.base === b.base && (a.version === b.version || !a.version || !b.version);
}

/** Whether a combination runs the tests of another one, with only other versions in scripts and options. */
function repeatsTests({ tests }: JobReading, other: JobReading): boolean {
  const version = /\d+(?:\.\d+)*/g;
  const option = /(\s--[\w-]*version[= ])("[^"]*"|'[^']*'|\S+)/gi;
  const mask = ({ folder, command }: CiTest) =>
    `${folder}\n${command.includes('\n') ? command.replace(version, '#') : command.replace(option, '$1#')}`;
  const known = new Set(other.tests.map(mask));
  return tests.every((one) => known.has(mask(one)));
}

/** Whether a job has tests that the chosen jobs lack. */
function addsTests({ tests }: JobReading, chosen: readonly JobReading[]): boolean {
  const known = new Set(
    chosen.flatMap((one) => one.tests.map(({ folder, command }) => `${folder}\n${command}`)),
  );
  return tests.some(({ folder, command }) => !known.has(`${folder}\n${command}`));
}
