import type { Context } from '../context.js';
import { renderCheckRunWithSuite, renderCheckSuite } from '../render/check-run.js';
import type { Account, CheckRun, OtherApp, Repository } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { announceEvent, sendEvent } from '../webhooks/send-event.js';

export interface NewSuite {
  /** The App that reports the checks. Default: GitHub Actions. */
  app?: OtherApp;
  checks: [NewCheck, ...NewCheck[]];
}

export interface NewCheck {
  name: string;
  conclusion: 'success' | 'failure' | 'timed_out';
  /**
   * The log of the check. Only checks of GitHub Actions have logs. If null or absent, the log has expired.
   */
  log?: string | null;
  summary?: string;
  annotations?: { path: string; start_line: number; end_line: number; message: string }[];
}

const githubActions: OtherApp = { id: 15_368, slug: 'github-actions' };

/** Adds a suite in which all checks are already completed, and delivers the `check_suite` event. */
export async function completeSuite(
  context: Context,
  repository: Repository,
  headSha: string,
  { app = githubActions, checks }: NewSuite,
): Promise<Delivery | null> {
  const suiteId = context.state.nextId();
  const now = timestamp(context);
  const runs = checks.map(
    ({ name, conclusion, log, summary, annotations }): CheckRun => ({
      id: context.state.nextId(),
      app,
      log: log ?? null,
      suiteId,
      name,
      headSha,
      externalId: '',
      detailsUrl: null,
      status: 'completed',
      conclusion,
      startedAt: now,
      completedAt: now,
      output: { title: summary ? name : null, summary: summary ?? null, text: null },
      annotations: (annotations ?? []).map((one) => ({ annotation_level: 'failure', ...one })),
      actions: [],
    }),
  ) as [CheckRun, ...CheckRun[]];
  repository.checkRuns.push(...runs);
  // On GitHub, the sender of this event is the account that pushed the commit. The local GitHub always uses
  // the App's bot instead.
  return sendEvent(context, 'check_suite', repository, context.app.bot, {
    action: 'completed',
    check_suite: await renderCheckSuite(context, repository, runs),
  });
}

/** Simulates a click on a button of a check run. */
export function requestAction(
  context: Context,
  repository: Repository,
  run: CheckRun,
  identifier: string,
  sender: Account,
): Promise<Delivery | null> {
  if (!run.actions.some((action) => (action as { identifier: string }).identifier === identifier))
    throw new Error(`local GitHub: the check run ${run.name} has no button "${identifier}"`);
  return sendEvent(context, 'check_run', repository, sender, {
    action: 'requested_action',
    check_run: renderCheckRunWithSuite(context, repository, run),
    requested_action: { identifier },
  });
}

/** Delivers the `check_run` event. GitHub sends this event even to the App that created the check run. */
export function announceCheckRun(
  context: Context,
  repository: Repository,
  run: CheckRun,
  action: 'created' | 'completed',
): void {
  announceEvent(context, 'check_run', repository, context.app.bot, {
    action,
    check_run: renderCheckRunWithSuite(context, repository, run),
  });
}
