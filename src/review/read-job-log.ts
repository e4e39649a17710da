import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';
import type { FailedCheck } from './failed-checks.js';

/** Logs have megabytes; this much of their end is kept, for `cleanLog` to find the failure in. */
const keptBytes = 256_000;
const maxBytes = 200_000_000;
const downloadTimeoutMs = 60_000;

/**
 * The raw end of a job's log.
 * @param octokit has to be allowed to read actions
 * @returns null when it is not to be had: any more, or from here
 */
export async function readJobLog(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  { id }: FailedCheck,
): Promise<string | null> {
  let location: string | undefined;
  try {
    // A job has the number of its check run. Followed by hand: the signed address it leads to gets no token.
    const { headers } = await octokit.rest.actions.downloadJobLogsForWorkflowRun({
      owner,
      repo,
      job_id: id,
      request: { redirect: 'manual' },
    });
    location = headers.location;
  } catch (error) {
    const { status } = error as { status?: number };
    if (status === 404 || status === 410) return null;
    throw error;
  }
  if (!location) return null;
  const answer = await download(location);
  if (!answer?.ok || !answer.body) {
    await answer?.body?.cancel();
    return null;
  }
  return readEnd(answer.body);
}

/** Logs are kept by hosts of their own, which a server may not be allowed to reach. */
async function download(location: string): Promise<Response | null> {
  try {
    return await fetch(location, { signal: AbortSignal.timeout(downloadTimeoutMs) });
  } catch {
    return null;
  }
}

/** @returns null when it broke off */
async function readEnd(body: ReadableStream<Uint8Array>): Promise<string | null> {
  let end = Buffer.alloc(0);
  let read = 0;
  try {
    for await (const chunk of body) {
      read += chunk.length;
      end = Buffer.concat([end, chunk]);
      if (end.length > 2 * keptBytes) end = end.subarray(-keptBytes);
      if (read > maxBytes) break;
    }
  } catch {
    // What came so far has the beginning of the log, and the failure is at its end.
    return null;
  }
  return end.subarray(-keptBytes).toString('utf8');
}
