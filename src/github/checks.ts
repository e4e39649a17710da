import { RunEndedError } from '../runs/outcome.js';
import type { Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { at } from './issues.js';
import { readPages } from './read-pages.js';

/** A check run of the repository's CI that failed on a commit. */
export interface FailedCheck {
  id: number;
  name: string;
  /** Either `failure` or `timed_out`. */
  conclusion: string;
  /** Whether GitHub has a log of the check. Only jobs of GitHub Actions have one. */
  hasLog: boolean;
  output: { title: string; summary: string; text: string; annotations: number };
}

/**
 * Lists the failed checks of a commit, oldest first. Returns only the newest check of each name, and leaves
 * out the App's own checks. A check that is running again does not count as failed.
 * @param ref a commit, or `heads/<branch>`
 */
export function listFailedChecks(
  github: GitHub,
  repository: Repository,
  ref: string,
  ownAppId: number,
): Promise<FailedCheck[]> {
  return github.call(
    repository,
    'read which checks failed',
    async (octokit) => {
      const pages = octokit.paginate.iterator(octokit.rest.checks.listForRef, {
        ...at(repository),
        ref,
        filter: 'latest',
        per_page: 100,
      });
      return (await readPages(pages, 3))
        .filter(({ app, conclusion }) => app?.id !== ownAppId && isFailure(conclusion))
        .sort((one, other) => one.id - other.id)
        .map(({ id, name, conclusion, app, output }) => ({
          id,
          name,
          conclusion: conclusion ?? '',
          hasLog: app?.slug === 'github-actions',
          output: {
            title: output.title ?? '',
            summary: output.summary ?? '',
            text: output.text ?? '',
            annotations: output.annotations_count,
          },
        }));
    },
    'read-checks',
  );
}

function isFailure(conclusion: string | null): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out';
}

/** @returns the check's own report with its first 20 annotations; '' if it reports nothing */
export function readReport(
  github: GitHub,
  repository: Repository,
  { id, output }: FailedCheck,
): Promise<string> {
  return github.call(
    repository,
    'read what a check reports',
    async (octokit) => {
      const lines = [output.title, output.summary, output.text];
      if (output.annotations > 0) {
        const { data } = await octokit.rest.checks.listAnnotations({
          ...at(repository),
          check_run_id: id,
          per_page: 20,
        });
        lines.push(...data.map(({ path, start_line, message }) => `${path}:${start_line}: ${message ?? ''}`));
      }
      return lines.filter(Boolean).join('\n');
    },
    'read-checks',
  );
}

/** A remark on one line of a file. */
export interface Annotation {
  path: string;
  line: number;
  message: string;
}

export interface CheckRun {
  conclusion: 'success' | 'neutral' | 'failure';
  title: string;
  /** Text in Markdown. */
  summary: string;
  /** At most 50 annotations, because GitHub accepts no more in one request. */
  annotations: Annotation[];
}

const checkName = 'Pullwright evidence';
/** The button that GitHub shows on a check run. GitHub limits these texts to 20, 40 and 20 characters. */
const retryButton = { label: 'Retry', description: 'Try this request again', identifier: 'retry' };

/** Creates the check run that shows one Pullwright run on its commit. If the check run exists, updates it. */
export async function writeCheckRun(
  github: GitHub,
  repository: Repository,
  run: { id: string; commit: string },
  { conclusion, title, summary, annotations }: CheckRun,
): Promise<void> {
  const content = {
    name: checkName,
    status: 'completed' as const,
    conclusion,
    output: { title, summary },
    actions: [retryButton],
  };
  // Only a new check run gets annotations. If an update sent them again, GitHub would show each of them
  // twice.
  const remarks = annotations.map(({ path, line, message }) => ({
    path,
    start_line: line,
    end_line: line,
    annotation_level: 'warning' as const,
    message,
  }));
  await github.call(
    repository,
    'write the check run',
    async (octokit) => {
      const { data } = await octokit.rest.checks.listForRef({
        ...at(repository),
        ref: run.commit,
        check_name: checkName,
        per_page: 100,
      });
      const own = data.check_runs.find(({ external_id }) => external_id === run.id);
      if (own) await octokit.rest.checks.update({ ...at(repository), check_run_id: own.id, ...content });
      else
        await octokit.rest.checks.create({
          ...at(repository),
          head_sha: run.commit,
          external_id: run.id,
          ...content,
          output: { ...content.output, annotations: remarks },
        });
    },
    'write-checks',
  );
}

/**
 * A log can be many megabytes long. Only its last `keptBytes` bytes are kept, because the failure is at the
 * end.
 */
const keptBytes = 256_000;
const maxBytes = 200_000_000;
const downloadTimeoutMs = 60_000;

/**
 * Reads the end of a job's log. The text can contain credentials and escape sequences.
 * @returns the end of the log in `text`. If the log could not be read, `unread` contains the reason.
 */
export async function readJobLog(
  github: GitHub,
  repository: Repository,
  { id }: FailedCheck,
): Promise<{ text: string } | { unread: string }> {
  let location: string | undefined;
  try {
    location = await findLog(github, repository, id);
  } catch (error) {
    // Some installations do not grant access to Actions. The agent then works without the log.
    if (!(error instanceof RunEndedError)) throw error;
    return { unread: `${error.message} Reading logs requires the permission \`actions: read\`` };
  }
  if (!location) return gone;
  try {
    const answer = await fetch(location, { signal: AbortSignal.timeout(downloadTimeoutMs) });
    if (answer.ok && answer.body) return { text: await readEnd(answer.body) };
    await answer.body?.cancel();
    return gone;
  } catch (error) {
    // GitHub stores logs on other hosts, which this server may be unable to reach. If a download breaks off,
    // its text is useless, because the end of the log is missing.
    return { unread: `the download from ${new URL(location).host} failed (${String(error)})` };
  }
}

const gone = { unread: 'it no longer exists' };

/** @returns the signed URL of the log; undefined if there is no log */
function findLog(github: GitHub, repository: Repository, id: number): Promise<string | undefined> {
  return github.call(
    repository,
    "read a job's log",
    async (octokit) => {
      try {
        // A job has the same id as its check run. octokit must not follow the redirect, because the signed
        // URL must not get our token.
        const { headers } = await octokit.rest.actions.downloadJobLogsForWorkflowRun({
          ...at(repository),
          job_id: id,
          request: { redirect: 'manual' },
        });
        return headers.location;
      } catch (error) {
        const { status } = error as { status?: number };
        if (status === 404 || status === 410) return undefined;
        throw error;
      }
    },
    'read-logs',
  );
}

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
