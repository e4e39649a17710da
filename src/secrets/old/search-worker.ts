import { parentPort, workerData } from 'node:worker_threads';
import { findSecrets } from './find-secrets.js';
import type { SearchQuestion } from './open-secret-search.js';

/** The thread of open-secret-search.ts: one question, one answer. */
const { text, live } = workerData as SearchQuestion;
parentPort?.postMessage(await findSecrets(text, live));
