import { expect, test } from '@jest/globals';
import { keepCachedDuring } from '../../src/agent/keep-cached.js';
import type { Cost, ModelRequest } from '../../src/model/model.js';

const request = { conversation: [{ role: 'user', content: [] }] } as unknown as ModelRequest;
const cost: Cost = {
  usage: { inputTokens: 1, cacheWriteTokens: 0, cacheWrite1hTokens: 0, cacheReadTokens: 50, outputTokens: 0 },
  dollars: 0.01,
};
const now = () => new Date();
/** A start that lets the first read come at once. The second read would come 270 s later. */
const due = () => Date.now() - 270_000;

/** A model whose reads can be awaited. `answer` decides what a read returns. */
function createModel(answer: () => Promise<Cost>) {
  let called = (_: ModelRequest) => {};
  const read = new Promise<ModelRequest>((resolve) => {
    called = resolve;
  });
  return {
    read,
    keepCached: (given: ModelRequest) => {
      called(given);
      return answer();
    },
  };
}

test('reads the cache entry of the newest request while a command runs, and counts the cost', async () => {
  const model = createModel(async () => cost);
  const during = keepCachedDuring(
    async () => {
      await model.read;
      // Lets the read finish, because only a finished read is counted.
      await new Promise(setImmediate);
      return 'done';
    },
    model,
    request,
    { since: due(), now, onError: () => {} },
  );
  expect(await during).toEqual({ result: 'done', cost });
  expect((await model.read).conversation).toBe(request.conversation);
});

test('sends nothing if the work is short', async () => {
  const model = createModel(async () => {
    throw new Error('not expected');
  });
  const options = { since: Date.now(), now, onError: () => {} };
  expect(await keepCachedDuring(async () => 1, model, request, options)).toEqual({ result: 1, cost: null });
});

test('reports a failed read and goes on', async () => {
  const model = createModel(() => Promise.reject(new Error('overloaded')));
  let report = (_: unknown) => {};
  const reported = new Promise<unknown>((resolve) => {
    report = resolve;
  });
  const options = { since: due(), now, onError: (error: unknown) => report(error) };
  const { result, cost } = await keepCachedDuring(() => reported, model, request, options);
  expect(result).toEqual(new Error('overloaded'));
  expect(cost).toBeNull();
});

test('ends a read that is in progress when the work ends', async () => {
  let signal: AbortSignal | undefined;
  const model = {
    keepCached: (given: ModelRequest) => {
      signal = given.signal;
      return new Promise<Cost>((_, reject) =>
        given.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    },
  };
  const work = async () => {
    while (!signal) await new Promise(setImmediate);
  };
  const options = { since: due(), now, onError: () => {} };
  await keepCachedDuring(work, model, request, options);
  expect(signal?.aborted).toBe(true);
});
