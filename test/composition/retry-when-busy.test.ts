import { expect, test } from '@jest/globals';
import { retryWhenBusy } from '../../src/composition/retry-when-busy.js';
import { RetryLater } from '../../src/runs/retry-later.js';
import { SandboxBusyError, type Sandboxes } from '../../src/sandbox/sandbox.js';

const failWith = (error: Error): Sandboxes => ({
  uid: null,
  warning: null,
  limitsEnforcedBy: 'nothing',
  layersFault: null,
  open: () => ({ execute: () => Promise.reject(error), dispose: async () => {} }),
});
const execute = (error: Error) =>
  retryWhenBusy(failWith(error)).open([]).execute({ script: 'true', timeoutMs: 1000 });

test('a busy sandbox makes the engine run the step again later', async () => {
  const execution = execute(new SandboxBusyError('the server has no room for another process', 2000));
  await expect(execution).rejects.toThrow(RetryLater);
  await expect(execution).rejects.toMatchObject({
    reason: 'the server has no room for another process',
    afterMs: 2000,
  });
});

test('other errors of a sandbox pass through', async () => {
  const error = new Error('sandbox: broken');
  await expect(execute(error)).rejects.toBe(error);
});
