import { countFixedTokens } from '../scripted-model/scripted-model.js';
import type { Measurement } from './measure-conversation.js';
import type { MemoryMeasurement } from './measure-memory.js';
import type { ScanMeasurement } from './measure-scan.js';

export interface Measurements {
  /** Conversations of 5, 20 and 60 calls, each with nothing in the model's cache before. */
  cold: readonly Measurement[];
  /** The second task of the same agent, in another repository. */
  warm: Measurement;
  memory: MemoryMeasurement;
  scan: ScanMeasurement;
}

const ratioTargets: Record<number, number> = { 5: 1.35, 20: 1.05, 60: 0.8 };
const fixedTokensTarget = 2500;
const sharedTarget = 0.98;
const furtherRunTargetMb = 40;
const stopTargetMs = 500;

const count = (value: number) => Math.round(value).toLocaleString('en');
const decimals = (value: number) => value.toFixed(2);

type Column = [head: string, cell: (measured: Measurement) => string];

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
  ['with one call a turn', ({ ungrouped, floor }) => decimals(ungrouped / floor)],
];

const otherColumns: Column[] = [
  ['calls', ({ calls }) => count(calls)],
  ['outputs kB', ({ outputBytes }) => count(outputBytes.all / 1000)],
  ['largest', ({ outputBytes }) => count(outputBytes.largest / 1000)],
  ['shown kB', ({ outputBytes }) => count(outputBytes.shown / 1000)],
  ['GitHub requests', ({ githubRequests }) => count(githubRequests)],
  ['git requests', ({ gitRequests }) => count(gitRequests)],
  ['CPU s, app', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
  ['CPU s, its children', ({ childCpuSeconds }) => childCpuSeconds.toFixed(1)],
  ['wall s', ({ wallSeconds }) => wallSeconds.toFixed(1)],
  ['peak MB', ({ peakMemoryMb }) => count(peakMemoryMb)],
  ['steps', ({ stored }) => count(stored.steps)],
  ['engine kB', ({ stored }) => count(stored.engineKb)],
  ['events kB', ({ stored }) => count(stored.eventsKb)],
  ['checkpoints kB', ({ stored }) => count(stored.checkpointsKb)],
];

/**
 * Prints the tables and a line per target.
 * @returns whether all targets were reached
 */
export function report({ cold, warm, memory, scan }: Measurements, print: (line: string) => void): boolean {
  const fixedTokens = countFixedTokens(warm.firstRequest);
  const perThousand = cold.map(
    ({ calls, floor }) => `${decimals((1000 * (1.25 + 0.1 * calls)) / floor)} on ${calls}`,
  );
  print(`
cost and floor: in input tokens' worth (cache write 1.25, cache read 0.1, output 5, other input 1); a token is 4 bytes of JSON.
floor: the same conversation with one call in a turn and its outputs uncut, every token written to the cache once and read
at every later turn, the replies paid for as output; no fixed prompt. Nothing was in the cache before.
1,000 tokens of fixed prompt cost ${perThousand.join(', ')} of this floor.
`);
  for (const line of table(costColumns, cold)) print(line);
  print('');
  for (const line of table(otherColumns, cold)) print(line);
  print('');

  const shared = Math.min(1, warm.firstUsage.cache_read_input_tokens / fixedTokens);
  const furtherMb = (memory.allPeakMb - memory.onePeakMb) / memory.furtherRuns;
  const targets = [
    ...cold.map(({ calls, cost, floor }) =>
      atMost(`${calls} calls, of the floor`, cost / floor, ratioTargets[calls] ?? 0, decimals),
    ),
    atMost('fixed part (tools, harness, agent file), tokens', fixedTokens, fixedTokensTarget, count),
    {
      reached: shared >= sharedTarget,
      text: `share of the fixed part that an agent's second task reads from the cache: ${decimals(shared)}, at least ${sharedTarget}`,
    },
    atMost(
      `memory per further run, MB (peak ${count(memory.onePeakMb)} with one, ${count(memory.allPeakMb)} with ${memory.furtherRuns} more)`,
      furtherMb,
      furtherRunTargetMb,
      (value) => value.toFixed(1),
    ),
    describeScan(scan),
  ];
  for (const { reached, text } of targets) print(`${reached ? 'reached    ' : 'NOT REACHED'}  ${text}`);
  return targets.every(({ reached }) => reached);
}

function describeScan({ megabytes, seconds, stopSeconds }: ScanMeasurement) {
  const milliseconds = (value: number) => count(value * 1000);
  return atMost(
    `longest stop of the event loop while ${megabytes} MB are searched for secrets, in ms (in ${milliseconds(seconds)} ms)`,
    stopSeconds * 1000,
    stopTargetMs,
    count,
  );
}

function atMost(what: string, value: number, limit: number, show: (value: number) => string) {
  return { reached: value <= limit, text: `${what}: ${show(value)}, at most ${show(limit)}` };
}

/** A Markdown table whose columns are aligned. */
function table(columns: readonly Column[], rows: readonly Measurement[]): string[] {
  const cells = [
    columns.map(([head]) => head),
    columns.map(([head]) => `${'-'.repeat(head.length - 1)}:`),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => `| ${row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join(' | ')} |`);
}
