import { Worker } from 'node:worker_threads';
import { findSecrets, type SecretPlace, type SecretSearch } from './find-secrets.js';

/** What the thread is asked, and its only input. */
export interface SearchQuestion {
  text: string;
  live: readonly string[];
}

/** Shorter texts are looked through sooner than a thread has begun. */
const shortest = 32 * 1024;
/** The largest file takes a tenth of it on a machine that does nothing else. */
const longestMs = 180_000;

/**
 * Looks through long texts in a thread of their own, one for each: that takes a second or more, and commands, heartbeats and the
 * other runs go on meanwhile. Live values get there as the message that it begins with, and the thread has no environment.
 * What cannot be told in time is found to be just that, and goes nowhere.
 * @param file search-worker.js
 */
export function openSecretSearch(file: URL, deadlineMs = longestMs): SecretSearch {
  const ask = (question: SearchQuestion): Promise<SecretPlace[]> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, { workerData: question, env: {}, argv: [], execArgv: [] });
      const deadline = setTimeout(() => {
        resolve([{ start: 0, end: question.text.length, what: tooSlow(deadlineMs), unplaced: true }]);
        void worker.terminate();
      }, deadlineMs);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        clearTimeout(deadline);
        reject(new Error(`the search for secrets ended with ${code}, unanswered`));
      });
    });
  return (text, live) => (text.length < shortest ? findSecrets(text, live) : ask({ text, live }));
}

const tooSlow = (ms: number) =>
  `what could not be looked through for credentials in ${ms / 1000} seconds, so nobody can say that there is none`;
