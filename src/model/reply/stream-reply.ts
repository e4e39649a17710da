import { performance } from 'node:perf_hooks';
import { isRetryLater } from '../../runs/retry-later.js';
import { explainModelError, isNodeTimeout, isRefusal, mayHaveArrived } from '../explain-model-error.js';
import type { ModelRequest } from '../model.js';
import { dollarsOf, type Usage } from '../models.js';
import type { MessagesClient, Provider } from '../providers/provider.js';
import { AbandonedReply } from './abandoned-reply.js';
import { estimateReply, estimateRequest, type PartialReply } from './estimate-usage.js';
import { createIdleTimer } from './idle-timer.js';
import { watchBytes } from './watch-bytes.js';

export interface ReplyLimits {
  /** A reply is abandoned if no byte arrives for this many milliseconds. */
  idleTimeoutMs: number;
  /** A reply is abandoned if it takes longer than this in total, in milliseconds. */
  replyTimeoutMs: number;
  now: () => Date;
}

/** Node's own limit for the time between two bytes of a response. */
const nodeTimeoutSeconds = 300;

/** After a silent or late reply, there is no need for a long wait: the time until then was a wait. */
const retryAfterMs = 1000;

/** A stream of the SDK. */
interface ReplyStream<Message> {
  on(event: 'streamEvent', listener: (event: unknown, message: PartialReply) => void): unknown;
  finalMessage(): Promise<Message>;
}

/** Options of the SDK for one request. */
interface StreamOptions {
  signal: AbortSignal;
  timeout: number;
}

/**
 * Sends a request and receives the whole reply.
 * @throws AbandonedReply if the reply was not complete, but may have cost something
 */
export async function streamReply<Message extends PartialReply>(
  provider: Provider,
  open: (client: MessagesClient, options: StreamOptions) => ReplyStream<Message>,
  request: ModelRequest & { maxTokens: number },
  limits: ReplyLimits,
): Promise<Message> {
  const idle = createIdleTimer(limits.idleTimeoutMs);
  const deadline = createIdleTimer(limits.replyTimeoutMs);
  const meter = createMeter(request);
  const aborts = [idle.signal, deadline.signal, ...(request.signal ? [request.signal] : [])];
  try {
    const watched = watchBytes(provider.fetch, (status) => {
      idle.restart();
      meter.onBytes(status);
    });
    const options = { signal: AbortSignal.any(aborts), timeout: limits.replyTimeoutMs };
    const stream = open(provider.connect(watched), options);
    stream.on('streamEvent', (_event, message) => meter.onMessage(message));
    return await stream.finalMessage();
  } catch (error) {
    const abandon = (ending: AbandonedReply['ending'], reason: string, afterMs: number | null) => {
      const usage = meter.read();
      return new AbandonedReply(
        ending,
        reason,
        usage,
        dollarsOf(request.model, usage, limits.now().getTime()),
        afterMs,
      );
    };
    if (request.signal?.aborted) throw abandon('stopped', 'the run was stopped', null);
    if (idle.signal.aborted || isNodeTimeout(error)) {
      const seconds = Math.min(limits.idleTimeoutMs / 1000, nodeTimeoutSeconds);
      throw abandon('silent', `the model sent nothing for ${seconds} s`, retryAfterMs);
    }
    if (deadline.signal.aborted)
      throw abandon('late', `the reply took longer than ${limits.replyTimeoutMs / 60_000} min`, retryAfterMs);
    if (!meter.hasStarted() && (isRefusal(error) || !(meter.isAccepted() || mayHaveArrived(error))))
      throw error;
    const explained = explainModelError(error, provider.credential);
    // If the API refuses the account, the next request shows it, and all runs wait.
    const afterMs = isRetryLater(explained) && !explained.isUnlimited ? explained.afterMs : null;
    throw abandon('cut', explained.message, afterMs);
  } finally {
    idle.stop();
    deadline.stop();
  }
}

/** Time between two reports of a request's cost, in milliseconds. */
const reportEveryMs = 10_000;

/** Creates a meter that estimates what a request has cost so far, and reports this regularly. */
function createMeter(request: ModelRequest & { maxTokens: number }) {
  let message: PartialReply | null = null;
  let startedAt = 0;
  let lastByteAt = 0;
  let reportedAt = 0;
  let isAccepted = false;
  const read = (marginMs = 0): Usage =>
    message
      ? estimateReply(message, (lastByteAt - startedAt + marginMs) / 1000, request.maxTokens)
      : estimateRequest(request);
  const report = () => {
    reportedAt = lastByteAt;
    // The next report can fail to come. The estimate therefore includes the time until then.
    request.onSpend?.(read(reportEveryMs));
  };
  return {
    onBytes: (status: number) => {
      lastByteAt = performance.now();
      isAccepted ||= status < 400;
      if (message && lastByteAt - reportedAt >= reportEveryMs) report();
    },
    onMessage: (snapshot: PartialReply) => {
      const isFirst = message === null;
      message = snapshot;
      if (!isFirst) return;
      startedAt = lastByteAt;
      report();
    },
    /** Returns whether the API has accepted the request. It can still report an error instead of a reply. */
    isAccepted: () => isAccepted,
    /** Returns whether the reply has started. */
    hasStarted: () => message !== null,
    read: () => read(),
  };
}
