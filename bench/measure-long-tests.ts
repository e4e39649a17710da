import { blocksOf, type MessagesRequest, startScriptedModel } from '../scripted-model/scripted-model.js';
import { keepCachedDuring } from '../src/agent/keep-cached.js';
import type { Cost, ModelRequest } from '../src/model/model.js';
import { costOf } from './count-cost.js';
import { issueTitle, type Measurement } from './measure-conversation.js';
import { writeConversation } from './write-conversation.js';

const testMinutes = 6;

export interface LongTestsMeasurement {
  testMinutes: number;
  testRuns: number;
  /** Cost of the run, divided by the cost of the same run whose tests take no time. */
  ratio: number;
}

/**
 * Measures what a run costs if its tests take longer than the cache lives. Sends the requests of a measured
 * run again, and lets the time of the tests pass on the clock of the scripted model.
 */
export async function measureLongTests({ calls, requests }: Measurement): Promise<LongTestsMeasurement> {
  const testRuns = requests.filter(endsWithTests).length;
  const long = await replay(calls, requests, testMinutes * 60_000);
  return { testMinutes, testRuns, ratio: long / (await replay(calls, requests, 0)) };
}

/** @returns the cost of the requests and of the reads that keep the cache */
async function replay(calls: number, requests: readonly MessagesRequest[], testMs: number): Promise<number> {
  const model = await startScriptedModel();
  model.script({ when: issueTitle, turns: writeConversation(calls).turns });
  const send = async (body: MessagesRequest) => {
    const response = await fetch(`${model.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': model.apiKey, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...body, stream: false }),
    });
    if (!response.ok) throw new Error(`bench: ${await response.text()}`);
    await response.arrayBuffer();
  };
  let last: MessagesRequest | null = null;
  for (const body of requests) {
    const before = last;
    if (before && endsWithTests(body))
      await passTests(testMs, model.advance, () => send({ ...before, max_tokens: 0 }));
    await send(body);
    last = body;
  }
  const cost = costOf(model.requests.flatMap(({ usage }) => usage ?? []));
  await model.stop();
  return cost;
}

/** Returns whether the newest message of a request contains the result of tests. */
function endsWithTests({ messages }: MessagesRequest): boolean {
  const [reply, results] = messages.slice(-2);
  return results !== undefined && blocksOf(reply?.content).some(({ name }) => name === 'run_tests');
}

/** Lets time pass as the app does while tests run, on a simulated clock. */
async function passTests(
  testMs: number,
  advance: (milliseconds: number) => void,
  read: () => Promise<void>,
): Promise<void> {
  let passedMs = 0;
  let finish = () => {};
  const tests = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const pass = (milliseconds: number) => {
    passedMs += milliseconds;
    advance(milliseconds);
  };
  await keepCachedDuring(
    () => tests,
    { keepCached: () => read().then(() => noCost) },
    // The read sends the recorded request.
    {} as ModelRequest,
    {
      since: 0,
      now: () => new Date(passedMs),
      wait: async (milliseconds, _, { signal }) => {
        if (passedMs + milliseconds < testMs) return pass(milliseconds);
        pass(testMs - passedMs);
        finish();
        await new Promise((__, reject) => signal.addEventListener('abort', reject));
      },
      onError: (error) => {
        throw error;
      },
    },
  );
}

const noCost: Cost = {
  usage: { inputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0, cacheReadTokens: 0, outputTokens: 0 },
  dollars: 0,
};
