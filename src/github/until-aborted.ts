import { RetryLater } from '../runs/retry-later.js';
import type { GitHub } from './github.js';

/**
 * Wraps the GitHub interface for jobs that must stop quickly. When `signal` aborts, pending API calls throw
 * RetryLater. GitHub may still carry out these requests.
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
