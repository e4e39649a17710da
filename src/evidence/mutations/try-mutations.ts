import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { TestCommand } from '../commands/find-commands.js';
import type { Mutations } from '../evidence.js';
import { filesOf } from '../run-suites.js';
import { createTestScript } from '../test-script.js';
import type { Candidate } from './choose-mutations.js';

interface Options {
  /** How long all tests take, in milliseconds. */
  durationMs: number;
  /** The time after which no copy tries a further mutation, in milliseconds. */
  budgetMs: number;
}

const failsAlone =
  'The tests that run the changed lines fail when they run alone, so Pullwright tried no mutations.';
/** With less time than this, no further command starts. */
const minRestMs = 1000;

/**
 * Puts one mutation after the other into the files, and runs the tests that run its line. Only the exit codes
 * count. The tests also run without a mutation. The copies work side by side, each on its share.
 * @param sandboxes sandboxes in equal copies of the repository, at least one
 */
export async function tryMutations(
  sandboxes: readonly Sandbox[],
  tests: readonly TestCommand[],
  candidates: readonly Candidate[],
  { durationMs, budgetMs }: Options,
): Promise<Mutations> {
  // A fault can make the tests endless. On a busy machine, good tests can take longer than before.
  const seconds = Math.ceil((3 * durationMs) / 1000) + 10;
  const exitCodes = new Map<Candidate, number>();
  let note: string | undefined;
  let restMs = budgetMs;
  for (const test of tests) {
    const own = candidates.filter((one) => findCommand(one, tests) === test);
    if (own.length === 0 || restMs < minRestMs) continue;
    const startedAt = Date.now();
    const ended = await runShares(sandboxes, test, own, tests, seconds, restMs);
    if (ended.control !== 0) note = failsAlone;
    for (const [candidate, exitCode] of ended.control === 0 ? ended.exitCodes : [])
      exitCodes.set(candidate, exitCode);
    restMs -= Date.now() - startedAt;
  }
  const unnoticed = candidates.filter((one) => exitCodes.get(one) === 0);
  return {
    tried: exitCodes.size,
    unnoticed: unnoticed.map(({ edit: { file, line, was, now } }) => ({ file, line, was, now })),
    untried: candidates.length - exitCodes.size,
    ...(note && { note }),
  };
}

/** Returns the test command in which a mutation runs: one with tests that run its line. */
function findCommand(
  { edit, tests: wanted }: Candidate,
  tests: readonly TestCommand[],
): TestCommand | undefined {
  const usable = wanted ? tests.filter((test) => filesOf(test, wanted, tests).length > 0) : tests;
  return usable.find((test) => filesOf(test, [edit.file], tests).length > 0) ?? usable[0];
}

interface Ended {
  /** The exit code of the tests without a mutation; null if they did not end. */
  control: number | null;
  exitCodes: Map<Candidate, number>;
}

/** Gives each copy its share of the mutations. The last one also runs the tests without a mutation. */
async function runShares(
  sandboxes: readonly Sandbox[],
  test: TestCommand,
  candidates: readonly Candidate[],
  tests: readonly TestCommand[],
  seconds: number,
  budgetMs: number,
): Promise<Ended> {
  const listOf = ({ tests: wanted }: Candidate) => wanted && filesOf(test, wanted, tests);
  const lists = candidates.map(listOf);
  const all = lists.some((list) => list === null) ? null : [...new Set(lists.flatMap((list) => list ?? []))];
  const running = sandboxes.map((sandbox, index) => {
    const share = candidates
      .filter((_, at) => at % sandboxes.length === index)
      .map((candidate) => ({ candidate, files: listOf(candidate) ?? [] }));
    const hasControl = index === sandboxes.length - 1;
    if (share.length === 0 && !hasControl) return { control: null, exitCodes: new Map<Candidate, number>() };
    return runCommand(sandbox, test, share, { all, hasControl, seconds, budgetMs });
  });
  // After an error, the other copies must not stay in use.
  await Promise.allSettled(running);
  const ended = await Promise.all(running);
  return {
    control: ended.at(-1)?.control ?? null,
    exitCodes: new Map(ended.flatMap(({ exitCodes }) => [...exitCodes])),
  };
}

/** @param options.all the test files of all mutations; null if all tests run */
async function runCommand(
  sandbox: Sandbox,
  test: TestCommand,
  share: readonly { candidate: Candidate; files: readonly string[] }[],
  options: { all: readonly string[] | null; hasControl: boolean; seconds: number; budgetMs: number },
): Promise<Ended> {
  const { all, hasControl, seconds, budgetMs } = options;
  const marker = `mutations-${randomBytes(16).toString('hex')}`;
  const { script, env } = createTestScript(test, {
    ...(all && { files: all }),
    filesFrom: wantedFile,
    stopsEarly: true,
    delimiter: marker,
    seconds,
  });
  const args = share.flatMap(({ candidate: { edit, from, to }, files }) => [
    edit.file,
    String(from),
    String(to),
    edit.replacement,
    listFiles(files),
  ]);
  const { stdout } = await sandbox.execute({
    script: createLoop(script, marker, budgetMs, hasControl),
    args: [listFiles(all ?? []), ...args],
    env,
    cwd: test.folder,
    services: true,
    timeoutMs: budgetMs + 2 * seconds * 1000 + graceMs,
  });
  const exitCodes = new Map<Candidate, number>();
  let control: number | null = null;
  for (const [, name, code] of stdout.matchAll(new RegExp(`^${marker} (control|\\d+) (\\d+)$`, 'gm'))) {
    const candidate = share[Number(name)]?.candidate;
    if (name === 'control') control = Number(code);
    else if (candidate) exitCodes.set(candidate, Number(code));
  }
  return { control, exitCodes };
}

const graceMs = 15_000;
const wantedFile = '/tmp/pullwright-wanted';
const originalFile = '/tmp/pullwright-original';

function listFiles(files: readonly string[]): string {
  return files.map((file) => `/workspace/${file}`).join('\n');
}

/**
 * Creates the script that runs the tests once for each mutation. Its arguments are the test files of the run
 * without a mutation, and then five per mutation: the file, the first and the last offset of the replaced
 * code, what replaces it, and the test files. Build tools see each new content by its new time.
 * @param testScript the script that runs the tests
 * @param hasControl whether to run the tests without a mutation first
 */
function createLoop(testScript: string, marker: string, budgetMs: number, hasControl: boolean): string {
  return `run_tests() (
${testScript}
)
try() {
  rm -rf /tmp/pullwright-reports
  printf '%s\\n' "$2" > ${wantedFile}
  run_tests > /dev/null 2>&1 < /dev/null
  code=$?
  printf '\\n%s %s %s\\n' ${marker} "$1" "$code"
  return $code
}
${hasControl ? 'try control "$1" || exit 0' : ''}
shift
number=0
end=$((SECONDS + ${Math.ceil(budgetMs / 1000)}))
while [ $# -gt 0 ] && [ $SECONDS -lt $end ]; do
  file=/workspace/$1
  cat "$file" > ${originalFile}
  { head -c "$2" ${originalFile}; printf '%s' "$4"; tail -c "+$(($3 + 1))" ${originalFile}; } > "$file"
  try $number "$5"
  cat ${originalFile} > "$file"
  number=$((number + 1))
  shift 5
done`;
}
