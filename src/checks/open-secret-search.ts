import { Worker } from 'node:worker_threads';
import { type SecretSearch, searchHere } from './find-secrets.js';

/** What the thread is asked, and its only input. */
export interface SearchQuestion {
  what: keyof SecretSearch;
  text: string;
  live: readonly string[];
}

/** Shorter texts are looked through sooner than a thread has begun. */
const shortest = 32 * 1024;

/**
 * Looks through long texts in a thread of their own, one for each: that takes a second or more, and commands, heartbeats and the
 * other runs go on meanwhile. Live values get there as the message that it begins with, and the thread has no environment.
 * @param file search-worker.js
 */
export function openSecretSearch(file: URL): SecretSearch {
  const ask = <T>(question: SearchQuestion): Promise<T> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, { workerData: question, env: {}, argv: [], execArgv: [] });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`the search for secrets ended with ${code}, unanswered`)),
      );
    });
  return {
    find: (text, live) =>
      text.length < shortest ? searchHere.find(text, live) : ask({ what: 'find', text, live }),
    hides: (text, live) =>
      text.length < shortest ? searchHere.hides(text, live) : ask({ what: 'hides', text, live }),
  };
}
