import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  type Block,
  blocksOf,
  countFixedTokens,
  type MessagesRequest,
} from '../scripted-model/scripted-model.js';
import { startWorld, type World } from '../test/support/world/start-world.js';
import { costOf, costOfOneCallPerTurn, type Usage } from './count-cost.js';
import { readProcess } from './read-process.js';
import { readStored, type Stored } from './read-stored.js';
import { writeConversation } from './write-conversation.js';

export interface Measurement {
  calls: number;
  modelRequests: number;
  /** To its API, and git's own over HTTP (fetch and push). */
  githubRequests: number;
  gitRequests: number;
  tokens: Record<keyof Usage, number>;
  /** All costs in input tokens' worth. */
  cost: number;
  floor: number;
  /** What the same would cost with one call in a turn: how much of the difference is due to the grouping. */
  ungrouped: number;
  /** Size of the outputs before they were cut, in bytes: all, and the largest. */
  outputBytes: { all: number; largest: number; shown: number };
  dollars: number;
  cpuSeconds: number;
  childCpuSeconds: number;
  wallSeconds: number;
  peakMemoryMb: number;
  /** Of the first request: what was in the cache already. */
  firstUsage: Usage;
  firstRequest: MessagesRequest;
  stored: Stored;
}

/** A busy machine takes its time for 60 calls; a run that hangs still ends the bench. */
const patienceMs = 600_000;

/** From the label to the pull request, in a freshly started app with nothing in the model's cache. */
export async function measureCold(calls: number): Promise<Measurement> {
  const world = await startWorld();
  try {
    return await measureConversation(world, calls);
  } finally {
    await world.stop();
  }
}

/** The same, after another repository's task of the same agent. */
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
  const { name, number } = await world.prepareIssue({
    ...task,
    title: 'Orders are priced without their quantity',
  });
  const [modelBefore, githubBefore] = [model.requests.length, github.requests.length];
  const pid = world.app.process.pid ?? 0;
  const before = readProcess(pid);
  const started = performance.now();

  // Before its last reply, the whole outputs are still in the run's folder.
  const end = model.hold(task.turns.length);
  const run = await (await world.label({ name, number })).run();
  await Promise.race([end.reached, run.settled(patienceMs)]);
  const outputs = await readOutputs(world.home);
  end.release();
  const { id, outcome } = await run.settled(patienceMs);
  const wallSeconds = (performance.now() - started) / 1000;
  if (outcome.kind !== 'pull-request')
    throw new Error(`bench: expected a pull request from ${calls} calls; found ${JSON.stringify(outcome)}`);
  const after = readProcess(pid);

  const requests = model.requests.slice(modelBefore);
  const usages = requests.flatMap(({ usage }) => usage ?? []);
  const [first, last] = [requests[0], requests.at(-1)];
  if (!first || !last || usages.length !== requests.length || !usages[0])
    throw new Error('bench: a model request has no usage');
  const ending = [toSubmit(task.turns.at(-1)?.calls?.[0])];
  const whole = (result: Block) => restoreOutput(result, outputs);
  const fixedTokens = countFixedTokens(first.body);
  const results = last.body.messages
    .flatMap(({ content }) => blocksOf(content))
    .filter(({ type }) => type === 'tool_result');
  const sizes = results.map((result) => Buffer.byteLength(String(whole(result).content)));
  const sum = (kind: keyof Usage) => usages.reduce((total, usage) => total + usage[kind], 0);
  const asked = (await run.events()).filter(({ type }) => type === 'asked');
  const paths = github.requests.slice(githubBefore).map((request) => request.path);
  const gitRequests = paths.filter((one) => one.includes('.git/')).length;
  return {
    calls,
    modelRequests: requests.length,
    githubRequests: paths.length - gitRequests,
    gitRequests,
    tokens: {
      input_tokens: sum('input_tokens'),
      cache_creation_input_tokens: sum('cache_creation_input_tokens'),
      cache_read_input_tokens: sum('cache_read_input_tokens'),
      output_tokens: sum('output_tokens'),
    },
    cost: costOf(usages),
    floor: costOfOneCallPerTurn(last.body, ending, whole),
    ungrouped: costOfOneCallPerTurn(last.body, ending, (result) => result, fixedTokens),
    outputBytes: {
      all: sizes.reduce((total, size) => total + size, 0),
      largest: Math.max(...sizes),
      shown: results.reduce((total, { content }) => total + Buffer.byteLength(String(content)), 0),
    },
    dollars: asked.reduce((total, { dollars }) => total + Number(dollars), 0),
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    childCpuSeconds: after.childCpuSeconds - before.childCpuSeconds,
    wallSeconds,
    peakMemoryMb: after.peakMemoryMb,
    firstUsage: usages[0],
    firstRequest: first.body,
    stored: await readStored(world.database, id),
  };
}

/** The files of whole outputs, by name. */
async function readOutputs(home: string): Promise<Map<string, string>> {
  const outputs = new Map<string, string>();
  for (const run of await readdir(path.join(home, 'runs'))) {
    const folder = path.join(home, 'runs', run, 'outputs');
    for (const file of await readdir(folder))
      outputs.set(file, await readFile(path.join(folder, file), 'utf8'));
  }
  return outputs;
}

function restoreOutput(result: Block, outputs: ReadonlyMap<string, string>): Block {
  const file = /full text: \/outputs\/(turn-\d+-\d+\.txt)/.exec(String(result.content))?.[1];
  if (!file) return result;
  const whole = outputs.get(file);
  if (whole === undefined) throw new Error(`bench: the whole output ${file} was not kept`);
  return { ...result, content: whole };
}

function toSubmit(call: [string, Record<string, unknown>] | undefined): Block {
  if (!call) throw new Error('bench: the last turn of a conversation has to submit');
  return { type: 'tool_use', id: 'toolu_00_1', name: call[0], input: call[1] };
}
