import { RetryLater } from '../runs/retry-later.js';
import type { GitHub } from './github.js';

/**
 * The same GitHub, for who must end soon: a request that is on its way when `signal` is aborted is not waited for any more.
 * What it asked for may be done all the same.
 */
export function untilAborted(github: GitHub, signal: AbortSignal): GitHub {
  const answerOf = <T>(answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(new RetryLater('this process stops'));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  return {
    ...github,
    call: (...request) => answerOf(github.call(...request)),
    callAsApp: (...request) => answerOf(github.callAsApp(...request)),
    callInstallation: (...request) => answerOf(github.callInstallation(...request)),
  };
}
