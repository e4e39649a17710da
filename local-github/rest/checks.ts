import type { Answer, Json } from '../answer.js';
import { announceCheckRun } from '../changes/check-runs.js';
import type { Context } from '../context.js';
import { resolveCommit } from '../git/read-repository.js';
import { Refusal } from '../refusal.js';
import { renderCheckRun } from '../render/check-run.js';
import { type CheckRun, nameOf } from '../state.js';
import { timestamp } from '../timestamp.js';
import { type Needs, notFound, type Operations, type RepositoryCall } from './operation.js';
import { paginate } from './paginate.js';
import { findCommit } from './repositories.js';

const read: Needs = { level: 'read', permissions: ['checks'] };
const write: Needs = { level: 'write', permissions: ['checks'] };

export const checkOperations: Operations = {
  'checks/create': { by: 'repository', needs: write, handle: createCheckRun },
  'checks/get': {
    by: 'repository',
    needs: read,
    handle: (call) => ({
      status: 200,
      body: renderCheckRun(call.context, call.repository, findCheckRun(call)),
    }),
  },
  'checks/update': { by: 'repository', needs: write, handle: updateCheckRun },
  'checks/list-annotations': {
    by: 'repository',
    needs: read,
    handle: (call) =>
      paginate(
        call,
        `/repos/${nameOf(call.repository)}/check-runs/${call.params.check_run_id}/annotations`,
        findCheckRun(call).annotations.map((annotation) => renderAnnotation(annotation as Json)),
      ),
  },
  'actions/download-job-logs-for-workflow-run': {
    by: 'repository',
    // GitHub requires the permission even for the logs of a public repository.
    needs: { level: 'read', permissions: ['actions'], always: true },
    handle: findLog,
  },
  'checks/list-for-ref': { by: 'repository', needs: read, handle: listCheckRuns },
};

async function createCheckRun({ context, repository, body }: RepositoryCall): Promise<Answer> {
  const headSha = String(body.head_sha);
  const known = /^[0-9a-f]{40}$/.test(headSha) && (await resolveCommit(repository.folder, headSha));
  if (!known) throw new Refusal(422, `No commit found for SHA: ${headSha}`);
  const suite = repository.checkRuns.find((other) => !other.app && other.headSha === headSha)?.suiteId;
  const run: CheckRun = {
    id: context.state.nextId(),
    app: null,
    log: null,
    suiteId: suite ?? context.state.nextId(),
    name: String(body.name),
    headSha,
    externalId: '',
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: timestamp(context),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: [],
  };
  change(run, body, timestamp(context));
  repository.checkRuns.push(run);
  announceCheckRun(context, repository, run, 'created');
  if (run.status === 'completed') announceCheckRun(context, repository, run, 'completed');
  return { status: 201, body: renderCheckRun(context, repository, run) };
}

function updateCheckRun(call: RepositoryCall): Answer {
  const { context, repository, body } = call;
  const run = findCheckRun(call);
  const wasCompleted = run.status === 'completed';
  change(run, body, timestamp(context));
  if (run.status === 'completed' && !wasCompleted) announceCheckRun(context, repository, run, 'completed');
  return { status: 200, body: renderCheckRun(context, repository, run) };
}

/**
 * Applies the fields of a request to a check run. If the request contains a conclusion, the check run is
 * completed. A check run without a conclusion cannot be completed. New annotations are added to the existing
 * ones.
 */
function change(run: CheckRun, body: Json, now: string): void {
  const conclusion = body.conclusion as string | undefined;
  const status = conclusion ? 'completed' : ((body.status as CheckRun['status'] | undefined) ?? run.status);
  if (body.status === 'completed' && !conclusion && !run.conclusion)
    throw new Refusal(422, 'Invalid request.\n\n"conclusion" wasn\'t supplied.');
  const output = body.output as Record<string, unknown> | undefined;
  const done = status === 'completed';
  Object.assign(run, {
    name: body.name ?? run.name,
    status,
    conclusion: done ? (conclusion ?? run.conclusion) : null,
    completedAt: done ? (body.completed_at ?? run.completedAt ?? now) : null,
    startedAt: body.started_at ?? run.startedAt,
    externalId: body.external_id ?? run.externalId,
    detailsUrl: body.details_url ?? run.detailsUrl,
    actions: body.actions ?? run.actions,
  });
  if (!output) return;
  run.annotations.push(...((output.annotations ?? []) as unknown[]));
  run.output = {
    title: (output.title as string | undefined) ?? run.output.title,
    summary: (output.summary as string | undefined) ?? run.output.summary,
    text: (output.text as string | undefined) ?? run.output.text,
  };
}

async function listCheckRuns(call: RepositoryCall): Promise<Answer> {
  const { context, repository, query } = call;
  const ref = call.params.ref ?? '';
  const sha = await findCommit(call, ref);
  const matching = repository.checkRuns
    .filter((run) => run.headSha === sha)
    .filter((run) => !query.check_name || run.name === query.check_name)
    .filter((run) => !query.status || run.status === query.status)
    .filter(({ app }) => !query.app_id || Number(query.app_id) === (app ?? context.app).id)
    .reverse();
  const latest = matching.filter(
    (run, at) => matching.findIndex(({ name, app }) => name === run.name && app?.id === run.app?.id) === at,
  );
  const runs = (query.filter === 'all' ? matching : latest).map((run) =>
    renderCheckRun(context, repository, run),
  );
  const path = `/repos/${nameOf(repository)}/commits/${encodeURIComponent(ref)}/check-runs`;
  return paginate(call, path, runs, (page) => ({ total_count: runs.length, check_runs: page }));
}

function renderAnnotation(annotation: Json): Json {
  const { title = null, start_column = null, end_column = null, raw_details = null } = annotation;
  return { blob_href: '', ...annotation, title, start_column, end_column, raw_details };
}

/**
 * Redirects to the log in a separate log store, as GitHub does. GitHub's redirect URL contains a signature
 * and expires after one minute. This URL never expires, and its signature is not checked.
 */
function findLog({ context, repository, params }: RepositoryCall): Answer {
  const job = repository.checkRuns.find(({ id }) => id === Number(params.job_id));
  if (job?.app?.slug !== 'github-actions') throw notFound();
  if (job.log === null) throw new Refusal(410, 'Server Error');
  return { status: 302, headers: { location: `${context.web}/_logs/${job.id}?sig=signed` } };
}

/**
 * Reads a log from the log store. A request with a credential is recorded as a violation, because GitHub's
 * log store is a separate service, which must not receive credentials for GitHub.
 * @returns null when there is no log at this path
 */
export function readLog(context: Context, path: string, authorization: string | undefined): string | null {
  const [, id] = /^\/_logs\/(\d+)$/.exec(path) ?? [];
  if (!id) return null;
  if (authorization) context.violations.push(`GET ${path}: the request sent a credential to the log store`);
  const jobs = context.state.repositories.flatMap(({ checkRuns }) => checkRuns);
  return jobs.find((job) => job.id === Number(id))?.log ?? null;
}

function findCheckRun({ repository, params }: RepositoryCall): CheckRun {
  const found = repository.checkRuns.find(({ id }) => id === Number(params.check_run_id));
  if (!found) throw notFound();
  return found;
}
