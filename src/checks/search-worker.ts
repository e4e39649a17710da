import { parentPort, workerData } from 'node:worker_threads';
import { searchHere } from './find-secrets.js';
import type { SearchQuestion } from './open-secret-search.js';

/** The thread of open-secret-search.ts: one question, one answer. */
const { what, text, live } = workerData as SearchQuestion;
parentPort?.postMessage(await searchHere[what](text, live));
