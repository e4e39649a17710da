import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  type Block,
  blocksOf,
  countFixedTokens,
  type MessagesRequest,
  type ScriptedModel,
} from '../scripted-model/scripted-model.js';
import type { RunHandle } from '../test/support/world/run-handle.js';
import { startWorld, type World } from '../test/support/world/start-world.js';
import { costOf, costOfOneCallPerTurn, type Usage } from './count-cost.js';
import { readProcess } from './read-process.js';
import { readStored, type Stored } from './read-stored.js';
import { writeConversation } from './write-conversation.js';

type TokenKind = 'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens' | 'output_tokens';

export interface Measurement {
  calls: number;
  modelRequests: number;
  /** Number of requests to GitHub's API. */
  githubRequests: number;
  /** Number of HTTP requests that git made for fetches and pushes. */
  gitRequests: number;
  tokens: Record<TokenKind, number>;
  /** Actual cost. The unit of `cost`, `floor` and `ungrouped` is the price of one uncached input token. */
  cost: number;
  /** Cost with one call per turn, complete tool outputs and no fixed prompt. See `costOfOneCallPerTurn`. */
  floor: number;
  /** Cost with one call per turn. A comparison with `cost` shows how much grouping calls in a turn saves. */
  ungrouped: number;
  /**
   * Sizes of the tool results in bytes. `all` is the sum and `largest` is the maximum of the complete
   * outputs. `shown` is the sum after truncation, as the model saw the outputs.
   */
  outputBytes: { all: number; largest: number; shown: number };
  dollars: number;
  cpuSeconds: number;
  childCpuSeconds: number;
  wallSeconds: number;
  peakMemoryMb: number;
  /** Token usage of the first request. It shows how much of the prompt was in the cache before the run. */
  firstUsage: Usage;
  firstRequest: MessagesRequest;
  /** All requests to the model, in order. */
  requests: MessagesRequest[];
  stored: Stored;
}

export const issueTitle = 'Orders are priced without their quantity';

/**
 * Time limit for a run. A busy machine needs minutes for 60 calls. The limit ends the bench if a run hangs.
 */
const timeoutMs = 600_000;

/** Measures a run in a newly started app with an empty prompt cache. */
export async function measureCold(calls: number): Promise<Measurement> {
  const world = await startWorld();
  try {
    return await measureConversation(world, calls);
  } finally {
    await world.stop();
  }
}

/** Measures a run after the same agent has worked on a task in another repository. */
export async function measureWarm(calls: number): Promise<Measurement> {
  const world = await startWorld();
  try {
    await measureConversation(world, calls);
    return await measureConversation(world, calls, 8);
  } finally {
    await world.stop();
  }
}

async function measureConversation(world: World, calls: number, seed?: number): Promise<Measurement> {
  const { github, model } = world;
  const task = writeConversation(calls, seed);
  const issue = await world.prepareIssue({ ...task, title: issueTitle });
  const [modelBefore, githubBefore] = [model.requests.length, github.requests.length];
  const pid = world.app.process.pid ?? 0;
  const before = readProcess(pid);
  const startedAt = performance.now();
  const { run, outputs } = await runTask(world, issue, task.turns.length);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const after = readProcess(pid);

  const asked = (await run.events()).filter(({ type }) => type === 'asked');
  const paths = github.requests.slice(githubBefore).map((request) => request.path);
  const gitRequests = paths.filter((path) => path.includes('.git/')).length;
  return {
    calls,
    githubRequests: paths.length - gitRequests,
    gitRequests,
    ...measureRequests(model.requests.slice(modelBefore), toSubmit(task.turns.at(-1)?.calls?.[0]), outputs),
    dollars: asked.reduce((total, { dollars }) => total + Number(dollars), 0),
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    childCpuSeconds: after.childCpuSeconds - before.childCpuSeconds,
    wallSeconds,
    peakMemoryMb: after.peakMemoryMb,
    stored: await readStored(world.database, run.id),
  };
}

/**
 * Runs the task from its label to its pull request.
 * @returns the run, and its complete tool outputs by file name
 * @throws Error when the run ends without a pull request
 */
async function runTask(
  world: World,
  issue: { name: string; number: number },
  turns: number,
): Promise<{ run: RunHandle; outputs: Map<string, string> }> {
  // The run deletes its folder when it ends. Delay the model's last reply until the outputs are read.
  const lastTurn = world.model.hold(turns);
  const run = await (await world.label(issue)).run();
  await Promise.race([lastTurn.reached, run.settled(timeoutMs)]);
  const outputs = await readOutputs(world.home);
  lastTurn.release();
  const { outcome } = await run.settled(timeoutMs);
  if (outcome.kind !== 'pull-request')
    throw new Error(`bench: expected a pull request; found ${JSON.stringify(outcome)}`);
  return { run, outputs };
}

/**
 * Computes token counts, costs and output sizes from the requests to the model.
 * @param submit the last reply of the conversation
 */
function measureRequests(
  requests: ScriptedModel['requests'],
  submit: Block,
  outputs: ReadonlyMap<string, string>,
): Pick<
  Measurement,
  | 'modelRequests'
  | 'tokens'
  | 'cost'
  | 'floor'
  | 'ungrouped'
  | 'outputBytes'
  | 'firstUsage'
  | 'firstRequest'
  | 'requests'
> {
  const usages = requests.flatMap(({ usage }) => usage ?? []);
  const [first, last] = [requests[0], requests.at(-1)];
  if (!first || !last || usages.length !== requests.length || !usages[0])
    throw new Error('bench: a model request has no usage');
  const restore = (result: Block) => restoreOutput(result, outputs);
  const results = last.body.messages
    .flatMap(({ content }) => blocksOf(content))
    .filter(({ type }) => type === 'tool_result');
  const sizes = results.map((result) => Buffer.byteLength(String(restore(result).content)));
  const sum = (kind: TokenKind) => usages.reduce((total, usage) => total + usage[kind], 0);
  return {
    modelRequests: requests.length,
    tokens: {
      input_tokens: sum('input_tokens'),
      cache_creation_input_tokens: sum('cache_creation_input_tokens'),
      cache_read_input_tokens: sum('cache_read_input_tokens'),
      output_tokens: sum('output_tokens'),
    },
    cost: costOf(usages),
    floor: costOfOneCallPerTurn(last.body, [submit], restore),
    ungrouped: costOfOneCallPerTurn(last.body, [submit], (result) => result, countFixedTokens(first.body)),
    outputBytes: {
      all: sizes.reduce((total, size) => total + size, 0),
      largest: Math.max(...sizes),
      shown: results.reduce((total, { content }) => total + Buffer.byteLength(String(content)), 0),
    },
    firstUsage: usages[0],
    firstRequest: first.body,
    requests: requests.map(({ body }) => body),
  };
}

/**
 * Reads the complete tool outputs of all runs.
 * @returns the outputs by file name
 */
async function readOutputs(home: string): Promise<Map<string, string>> {
  const outputs = new Map<string, string>();
  for (const run of await readdir(path.join(home, 'runs'))) {
    const folder = path.join(home, 'runs', run, 'outputs');
    for (const file of await readdir(folder))
      outputs.set(file, await readFile(path.join(folder, file), 'utf8'));
  }
  return outputs;
}

/** Replaces a truncated tool output with the complete one. */
function restoreOutput(result: Block, outputs: ReadonlyMap<string, string>): Block {
  const file = /full text: \/outputs\/(turn-\d+-\d+\.txt)/.exec(String(result.content))?.[1];
  if (!file) return result;
  const output = outputs.get(file);
  if (output === undefined) throw new Error(`bench: the complete output ${file} is missing`);
  return { ...result, content: output };
}

function toSubmit(call: [string, Record<string, unknown>] | undefined): Block {
  if (!call) throw new Error('bench: the last turn of a conversation must submit');
  return { type: 'tool_use', id: 'toolu_00_1', name: call[0], input: call[1] };
}
