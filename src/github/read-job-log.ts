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
 * @returns `unread`: why it is not to be had
 */
export async function readJobLog(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  { id }: FailedCheck,
): Promise<{ text: string } | { unread: string }> {
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
    if (status === 404 || status === 410) return gone;
    throw error;
  }
  if (!location) return gone;
  try {
    const answer = await fetch(location, { signal: AbortSignal.timeout(downloadTimeoutMs) });
    if (answer.ok && answer.body) return { text: await readEnd(answer.body) };
    await answer.body?.cancel();
    return gone;
  } catch (error) {
    // Logs are kept by hosts of their own, which this server may not reach; one that broke off lacks its end, where the failure is.
    return { unread: `its log could not be downloaded from ${new URL(location).host} (${String(error)})` };
  }
}

const gone = { unread: 'its log is gone' };

/** Logs have megabytes; only their end is kept. */
async function readEnd(body: ReadableStream<Uint8Array>): Promise<string> {
  let end = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    end = Buffer.concat([end, chunk]);
    if (end.length > 2 * keptBytes) end = end.subarray(-keptBytes);
    if (read > maxBytes) break;
  }
  return end.subarray(-keptBytes).toString('utf8');
}
