import type { Delivery } from '../deliveries.js';
import type { Parts } from '../parts.js';
import { renderCheckRunWithSuite, renderCheckSuite } from '../render/check-run.js';
import { announceEvent, sendEvent } from '../send-event.js';
import type { Account, CheckRun, OtherApp, Repository } from '../state.js';
import { timestamp } from '../timestamp.js';

export interface NewSuite {
  /** Default: GitHub Actions. */
  app?: OtherApp;
  checks: [NewCheck, ...NewCheck[]];
}

export interface NewCheck {
  name: string;
  conclusion: 'success' | 'failure' | 'timed_out';
  /** Of GitHub Actions only; null: it is gone. */
  log?: string | null;
  summary?: string;
  annotations?: { path: string; start_line: number; end_line: number; message: string }[];
}

const githubActions: OtherApp = { id: 15_368, slug: 'github-actions' };

/** All checks of a suite end at once, and the App is told of the suite. */
export async function completeSuite(
  parts: Parts,
  repository: Repository,
  headSha: string,
  { app = githubActions, checks }: NewSuite,
): Promise<Delivery | null> {
  const suiteId = parts.state.nextId();
  const now = timestamp(parts);
  const runs = checks.map(
    ({ name, conclusion, log, summary, annotations }): CheckRun => ({
      id: parts.state.nextId(),
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
  // Whoever pushed the commit is the sender, as GitHub has it.
  return sendEvent(parts, 'check_suite', repository, parts.app.bot, {
    action: 'completed',
    check_suite: await renderCheckSuite(parts, repository, runs),
  });
}

/** Somebody presses a button of a check run. */
export function requestAction(
  parts: Parts,
  repository: Repository,
  run: CheckRun,
  identifier: string,
  sender: Account,
): Promise<Delivery | null> {
  if (!run.actions.some((action) => (action as { identifier: string }).identifier === identifier))
    throw new Error(`local GitHub: the check run ${run.name} has no button ${identifier}`);
  return sendEvent(parts, 'check_run', repository, sender, {
    action: 'requested_action',
    check_run: renderCheckRunWithSuite(parts, repository, run),
    requested_action: { identifier },
  });
}

/** GitHub tells the App that made it of a check run too. */
export function announceCheckRun(
  parts: Parts,
  repository: Repository,
  run: CheckRun,
  action: 'created' | 'completed',
): void {
  announceEvent(parts, 'check_run', repository, parts.app.bot, {
    action,
    check_run: renderCheckRunWithSuite(parts, repository, run),
  });
}
