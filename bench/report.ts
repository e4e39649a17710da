import { countFixedTokens } from '../scripted-model/scripted-model.js';
import { price } from './count-cost.js';
import type { Measurement } from './measure-conversation.js';
import type { CopiesMeasurement, CopyMeasurement } from './measure-copies.js';
import type { EvidenceMeasurement } from './measure-evidence.js';
import type { HostileMeasurement } from './measure-hostile.js';
import type { InstallMeasurement } from './measure-installs.js';
import type { LongTestsMeasurement } from './measure-long-tests.js';
import type { MemoryMeasurement } from './measure-memory.js';
import type { ScanMeasurement } from './measure-scan.js';
import type { ServicesMeasurement } from './measure-services.js';

export interface Measurements {
  /** Measurements of runs with 5, 20 and 60 tool calls. Each run starts with an empty prompt cache. */
  cold: readonly Measurement[];
  longTests: LongTestsMeasurement;
  /** Measurement of a second task of the same agent, in another repository. */
  warm: Measurement;
  memory: MemoryMeasurement;
  scan: ScanMeasurement;
  services: ServicesMeasurement;
  copies: CopiesMeasurement;
  evidence: EvidenceMeasurement;
  hostile: HostileMeasurement;
  installs: readonly InstallMeasurement[];
}

const ratioTargets: Record<number, number> = { 5: 1.35, 20: 1.05, 60: 0.8 };
const longTestsTarget = 1.15;
const fixedTokensTarget = 3500;
const cachedShareTarget = 0.98;
const furtherRunTargetMb = 40;
const blockedTargetMs = 500;
const servicesTargetMs = 60;
const workspaceTarget = 2;
const dataTarget = 1;
const evidenceTarget = 6;
const installTarget = 1.3;

const count = (value: number) => Math.round(value).toLocaleString('en');
const decimals = (value: number) => value.toFixed(2);

type Column<Row = Measurement> = [heading: string, cell: (measured: Row) => string];

const costColumns: Column[] = [
  ['calls', ({ calls }) => count(calls)],
  ['model requests', ({ modelRequests }) => count(modelRequests)],
  ['input', ({ tokens }) => count(tokens.input_tokens)],
  ['cache write', ({ tokens }) => count(tokens.cache_creation_input_tokens)],
  ['cache read', ({ tokens }) => count(tokens.cache_read_input_tokens)],
  ['output', ({ tokens }) => count(tokens.output_tokens)],
  ['dollars', ({ dollars }) => dollars.toFixed(4)],
  ['cost', ({ cost }) => count(cost)],
  ['floor', ({ floor }) => count(floor)],
  ['cost / floor', ({ cost, floor }) => decimals(cost / floor)],
  ['one call per turn / floor', ({ ungrouped, floor }) => decimals(ungrouped / floor)],
];

const otherColumns: Column[] = [
  ['calls', ({ calls }) => count(calls)],
  ['outputs, kB', ({ outputBytes }) => count(outputBytes.all / 1000)],
  ['largest, kB', ({ outputBytes }) => count(outputBytes.largest / 1000)],
  ['shown, kB', ({ outputBytes }) => count(outputBytes.shown / 1000)],
  ['GitHub requests', ({ githubRequests }) => count(githubRequests)],
  ['git requests', ({ gitRequests }) => count(gitRequests)],
  ['CPU of the app, s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
  ['CPU of its children, s', ({ childCpuSeconds }) => childCpuSeconds.toFixed(1)],
  ['wall time, s', ({ wallSeconds }) => wallSeconds.toFixed(1)],
  ['memory peak, MB', ({ peakMemoryMb }) => count(peakMemoryMb)],
  ['steps', ({ stored }) => count(stored.steps)],
  ['engine, kB', ({ stored }) => count(stored.engineKb)],
  ['events, kB', ({ stored }) => count(stored.eventsKb)],
  ['checkpoints, kB', ({ stored }) => count(stored.checkpointsKb)],
];

/**
 * Prints the tables and one line for each target.
 * @returns whether all targets were met
 */
export function report(
  { cold, longTests, warm, memory, scan, services, copies, evidence, hostile, installs }: Measurements,
  print: (line: string) => void,
): boolean {
  const fixedTokens = countFixedTokens(warm.firstRequest);
  const perThousand = cold.map(
    ({ calls, floor }) =>
      `${decimals((1000 * (price.cacheWrite + price.cacheRead * calls)) / floor)} with ${calls} calls`,
  );
  print(`
Cost and floor are in units of one uncached input token of Claude Sonnet 5.5: cache write ${price.cacheWrite}, cache read
${price.cacheRead}, output ${price.output}. A token is 2.5 characters of JSON. Thinking counts. The cache is empty at the start.
Floor: the cost of the same conversation with one call per turn, complete outputs and no fixed prompt. Every token is
written to the cache once and read in every later turn.
1,000 tokens of fixed prompt cost this part of the floor: ${perThousand.join(', ')}.
`);
  const tables = [renderTable(costColumns, cold), renderTable(otherColumns, cold), renderParts(evidence)];
  for (const lines of tables) for (const line of [...lines, '']) print(line);

  const shared = Math.min(1, warm.firstUsage.cache_read_input_tokens / fixedTokens);
  const furtherMb = (memory.allPeakMb - memory.onePeakMb) / memory.furtherRuns;
  const targets = [
    ...cold.map(({ calls, cost, floor }) =>
      atMost(`cost / floor with ${calls} calls`, cost / floor, ratioTargets[calls] ?? 0, decimals),
    ),
    atMost(
      `cost / cost without tests, with ${longTests.testRuns} runs of tests of ${longTests.testMinutes} minutes in 20 calls`,
      longTests.ratio,
      longTestsTarget,
      decimals,
    ),
    atMost(
      'fixed prompt (tools, instructions, agent file), in tokens',
      fixedTokens,
      fixedTokensTarget,
      count,
    ),
    {
      reached: shared >= cachedShareTarget,
      text: `share of the fixed prompt that a second task reads from the cache: ${decimals(shared)}, expected at least ${cachedShareTarget}`,
    },
    atMost(
      `memory of each further run, in MB (peak ${count(memory.onePeakMb)} with one run, ${count(memory.allPeakMb)} with ${memory.furtherRuns} more)`,
      furtherMb,
      furtherRunTargetMb,
      (value) => value.toFixed(1),
    ),
    describeScan(scan),
    describeServices(services),
    ...describeCopies(copies),
    describeEvidence(evidence),
    describeHostile(hostile),
    ...installs.map(describeInstall),
  ];
  for (const { reached, text } of targets) print(`${reached ? 'met    ' : 'NOT MET'}  ${text}`);
  return targets.every(({ reached }) => reached);
}

/**
 * Describes the target for the scan. The scan must not block the event loop for long, because that delays
 * webhooks.
 */
function describeScan({ megabytes, seconds, blockedSeconds }: ScanMeasurement) {
  const milliseconds = (value: number) => count(value * 1000);
  return atMost(
    `longest block of the event loop while ${megabytes} MB are searched for secrets, in ms (the search takes ${milliseconds(seconds)} ms)`,
    blockedSeconds * 1000,
    blockedTargetMs,
    count,
  );
}

/** Describes the target for services. The floor is 40 ms: Postgres takes 28 ms to start and 12 ms to stop. */
function describeServices({ aloneMs, addedMs, firstMs, title }: ServicesMeasurement) {
  return atMost(
    `time that services add to a command, in ms (${title} A command alone takes ${count(aloneMs)} ms; the first one, which initializes the data, takes ${count(firstMs)} ms)`,
    addedMs,
    servicesTargetMs,
    count,
  );
}

/** Describes the targets for copies of trees, compared with one plain copy of the same tree. */
function describeCopies({ large, data }: CopiesMeasurement) {
  const describe = (name: string, { readySeconds, copySeconds }: CopyMeasurement, limit: number) => {
    const seconds = `${decimals(readySeconds)} s / ${decimals(copySeconds)} s`;
    return atMost(`${name} / one plain copy (${seconds})`, readySeconds / copySeconds, limit, decimals);
  };
  return [
    describe('workspace ready on a tree of 500 MB, with three scratch copies', large, workspaceTarget),
    describe('scratch copy until a command has run beside its Postgres', data, dataTarget),
  ];
}

/** Renders what each step of the evidence takes, beside one plain run of the same tests. */
function renderParts({ plainMs, parts }: EvidenceMeasurement): string[] {
  const columns: Column<{ step: string; ms: number }>[] = [
    ['evidence on the demo', ({ step }) => step],
    ['seconds', ({ ms }) => decimals(ms / 1000)],
    ['/ one run of the tests', ({ ms }) => decimals(ms / plainMs)],
  ];
  const whole = { step: 'the whole', ms: sumOf(parts) };
  return renderTable(columns, [...parts, whole, { step: 'one plain run of the tests', ms: plainMs }]);
}

function describeEvidence({ plainMs, parts }: EvidenceMeasurement) {
  const sumMs = sumOf(parts);
  const seconds = `${decimals(sumMs / 1000)} s / ${decimals(plainMs / 1000)} s`;
  return atMost(
    `evidence of the demo's change / one plain run of its tests (${seconds})`,
    sumMs / plainMs,
    evidenceTarget,
    decimals,
  );
}

function sumOf(parts: EvidenceMeasurement['parts']): number {
  return parts.reduce((sum, { ms }) => sum + ms, 0);
}

/** Describes the target for hostile texts: none may keep the process busy for long. */
function describeHostile({ count: inputs, slowest: { name, units, maxUnits } }: HostileMeasurement) {
  return atMost(
    `CPU time of the slowest of ${inputs} hostile texts (${name}), in units of a loop of 20 million rounds`,
    units,
    maxUnits,
    count,
  );
}

/** Describes the target for the network of setup: installations take hardly longer than without the proxy. */
function describeInstall({ manager, directSeconds, proxiedSeconds }: InstallMeasurement) {
  const seconds = `${proxiedSeconds.toFixed(1)} s / ${directSeconds.toFixed(1)} s`;
  const ratio = proxiedSeconds / directSeconds;
  return atMost(
    `installation by ${manager} through the proxy / without it (${seconds})`,
    ratio,
    installTarget,
    decimals,
  );
}

function atMost(name: string, value: number, limit: number, show: (value: number) => string) {
  return { reached: value <= limit, text: `${name}: ${show(value)}, expected at most ${show(limit)}` };
}

/** Renders a Markdown table with aligned columns. */
function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map(([heading]) => heading),
    columns.map(([heading]) => `${'-'.repeat(heading.length - 1)}:`),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => `| ${row.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' | ')} |`);
}
