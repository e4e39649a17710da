import {
  type AbandonedRequest,
  discardRequest,
  listAbandonedRequests,
  markLost,
  openRequest,
  type Place,
  type RequestKey,
  readSpend,
  recordSpend,
  updateRequest,
} from '../../../database/model/spend.js';
import { appendEvent } from '../../../database/run-events.js';
import { AccountRefused } from '../../../model/account-refused.js';
import { addCosts } from '../../../model/add-costs.js';
import type { Cost, ModelRequest, Reply, Summary } from '../../../model/model.js';
import { dollarsOf, noUsage, type Usage } from '../../../model/models.js';
import { AbandonedReply } from '../../../model/reply/abandoned-reply.js';
import { estimateRequest } from '../../../model/reply/estimate-usage.js';
import { maxSpend } from '../../../runs/admission.js';
import { asSentence, RunEndedError } from '../../../runs/outcome.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { confirmNoHold, holdAllRuns } from './account-hold.js';

type BuyingDependencies = Pick<Dependencies, 'db' | 'model' | 'log' | 'now'>;

/** The run ends after this many requests for the same reply that were silent or too long. */
const maxUnanswered = 5;

interface Bought<T> {
  result: T;
  /** Number of the request that got the result. */
  attempt: number;
  /** What earlier requests for the same result may have cost; null if there were none. */
  abandoned: Cost | null;
}

/** Sends a request with `buy`. Does not send it if the budget of the run allows no further request. */
export async function buyReply(
  d: BuyingDependencies,
  place: Place,
  request: ModelRequest,
  budget: Task['budget'],
): Promise<Reply> {
  const limit = await findExhaustedLimit(d, place, budget);
  if (limit) return unaffordableReply(limit, await readAbandonedCost(d, place));
  const { result, attempt, abandoned } = await buy(d, place, request, d.model.ask);
  return { ...result, attempt, ...(abandoned && { abandoned }) };
}

/**
 * Lets the model summarize a conversation, and records the cost.
 * @returns the summary with the cost of all requests for it; null if there is none, or if the budget of the
 * run allows no further request
 */
export async function buySummary(
  d: BuyingDependencies,
  place: Place,
  request: ModelRequest,
  instructions: string,
  budget: Task['budget'],
): Promise<Summary | null> {
  if (await findExhaustedLimit(d, place, budget)) return null;
  const { result, attempt, abandoned } = await buy(d, place, request, (one) =>
    d.model.summarize(one, instructions),
  );
  if (!result) return null;
  const { usage, dollars } = result;
  const { runId, turn, purpose } = place;
  const model = request.model.id;
  await recordSpend(d.db, runId, { turn, purpose, attempt, model, ...usage, dollars });
  return abandoned ? { ...result, ...addCosts(result, abandoned) } : result;
}

/**
 * Sends a request to the model, and keeps the account of what it may cost. The request counts as spent from
 * the start: first with an estimate, and after `recordSpend` with the real numbers. If the reply is abandoned
 * or the worker dies, the estimate stays.
 * @param send sends the request; if it returns null, the request cost nothing
 * @throws AccountRefused if the API refuses the server's account; all runs then wait
 * @throws RunEndedError if the model did not answer five times
 */
export async function buy<T>(
  d: BuyingDependencies,
  place: Place,
  request: ModelRequest,
  send: (request: ModelRequest) => Promise<T>,
): Promise<Bought<T>> {
  await confirmNoHold(d);
  await markLost(d.db, place);
  const earlier = await listAbandonedRequests(d.db, place);
  for (const one of earlier) await recordAbandoned(d, place, one);
  const { model } = request;
  const priced = (usage: Usage) => ({ ...usage, dollars: dollarsOf(model, usage, d.now().getTime()) });
  const attempt = await openRequest(d.db, place, model.id, priced(estimateRequest(request)));
  const key = { ...place, attempt };
  const result = await send({
    ...request,
    onSpend: (usage) => {
      updateRequest(d.db, key, priced(usage), 'open').catch((err: unknown) =>
        d.log.warn({ run: place.runId, err }, 'could not record what a reply costs so far'),
      );
    },
  }).catch(async (error: unknown) =>
    settleFault(d, key, error instanceof AccountRefused ? await holdAllRuns(d, error, model) : error),
  );
  if (result === null) await discardRequest(d.db, key);
  return { result, attempt, abandoned: earlier.length > 0 ? sumOf(earlier) : null };
}

/**
 * Returns the limit that abandoned requests have exhausted together with the rest of the run; null if there
 * is none. Without abandoned requests, the agent's loop checks the limits.
 */
async function findExhaustedLimit(
  d: BuyingDependencies,
  place: Place,
  budget: Task['budget'],
): Promise<string | null> {
  await markLost(d.db, place);
  if ((await listAbandonedRequests(d.db, place)).length === 0) return null;
  const { tokens, dollars } = await readSpend(d.db, place.runId);
  const most = maxSpend({ ...budget, dollars: budget.dollars ?? Number.POSITIVE_INFINITY });
  if (dollars !== null && dollars >= most.dollars)
    return `its limit of $${budget.dollars} was reached, mostly by replies that broke off`;
  return tokens >= most.tokens
    ? `its limit of ${budget.tokens.toLocaleString('en')} tokens was reached, mostly by replies that broke off`
    : null;
}

/** Returns the cost of the abandoned requests; null if there are none. */
export async function readAbandonedCost(
  { db }: Pick<Dependencies, 'db'>,
  place: Place,
): Promise<Cost | null> {
  const abandoned = await listAbandonedRequests(db, place);
  return abandoned.length > 0 ? sumOf(abandoned) : null;
}

/** Records what a failed request may have cost. */
async function settleFault(d: BuyingDependencies, key: RequestKey, error: unknown): Promise<never> {
  if (!(error instanceof AbandonedReply)) {
    await discardRequest(d.db, key);
    throw error;
  }
  const { ending, usage, dollars } = error;
  await updateRequest(d.db, key, { ...usage, dollars }, ending);
  await recordAbandoned(d, key, { attempt: key.attempt, ending, ...usage, dollars });
  const requests = await listAbandonedRequests(d.db, key);
  const unanswered = requests.filter((one) => one.ending === 'silent' || one.ending === 'late');
  if (unanswered.length >= maxUnanswered)
    throw new RunEndedError({
      kind: 'failed',
      reason: asSentence(`The model did not answer ${maxUnanswered} requests. At last, ${error.reason}`),
    });
  throw error;
}

function recordAbandoned(
  d: BuyingDependencies,
  { runId, turn, purpose }: Place,
  request: AbandonedRequest,
): Promise<void> {
  return appendEvent(d.db, runId, { type: 'reply-abandoned', turn, purpose, ...request });
}

function unaffordableReply(reason: string, abandoned: Cost | null): Reply {
  return {
    content: [],
    stopReason: 'unaffordable',
    stoppedReason: reason,
    usage: noUsage,
    ...(abandoned && { abandoned }),
    dollars: 0,
    at: Date.now(),
    durationMs: 0,
  };
}

function sumOf(requests: readonly AbandonedRequest[]): Cost {
  return requests.map(({ dollars, ...usage }): Cost => ({ usage, dollars })).reduce(addCosts);
}
