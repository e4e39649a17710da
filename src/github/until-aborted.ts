import { RetryLater } from '../runs/retry-later.js';
import type { GitHub } from './github.js';

/**
 * The same GitHub, for jobs that must stop quickly: a call rejects when `signal` aborts, though GitHub may
 * still carry out the request.
 */
export function untilAborted(github: GitHub, signal: AbortSignal): GitHub {
  const answerOf = <T>(answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(new RetryLater('this process is stopping'));
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
