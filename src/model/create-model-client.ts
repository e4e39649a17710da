import Anthropic from '@anthropic-ai/sdk';
import { RetryLater } from '../runs/retry-later.js';
import { composeRequest } from './compose-request.js';
import { explainModelError, isOverflow } from './explain-model-error.js';
import { createIdleTimer, type IdleTimer } from './idle-timer.js';
import type { ModelClient, ModelRequest, Reply } from './model.js';
import { dollarsOf, noUsage } from './models.js';
import { betaHeaders, keepCached, summarize, usageOf } from './side-requests.js';
import { toSendable } from './to-sendable.js';
import { createTruncationGuard } from './truncation-guard.js';

export function createModelClient(options: {
  apiKey: string;
  baseUrl: string | undefined;
  /**
   * The request fails if its stream sends no event for this many milliseconds. The SDK's own timeout does not
   * detect this.
   */
  idleTimeoutMs: number;
  now: () => Date;
}): ModelClient {
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    ...(options.baseUrl && { baseURL: options.baseUrl }),
    // If the SDK retried, it would wait inside this process, for up to an hour. A restart would lose the
    // wait. The engine stores its waits in Postgres, so only the engine retries.
    maxRetries: 0,
    logLevel: 'off',
  });
  const refuseTruncated = createTruncationGuard();
  const explained = <T>(response: Promise<T>): Promise<T> =>
    response.catch((error) => {
      throw explainModelError(error);
    });
  return {
    keepCached: (request) => explained(keepCached(client, request, options.now())),
    summarize: (request, instructions) => explained(summarize(client, request, instructions, options.now())),
    ask: async (request) => {
      const startedAt = options.now().getTime();
      const idle = createIdleTimer(options.idleTimeoutMs);
      try {
        const message = await streamReply(client, request, idle);
        if (message.stop_reason === null) throw new RetryLater("the model's reply was cut off");
        refuseTruncated(message, request);
        const usage = usageOf(message.usage);
        const at = options.now().getTime();
        return {
          content: toSendable(message.content),
          stopReason: message.stop_reason,
          usage,
          dollars: dollarsOf(request.model, usage, at),
          at,
          durationMs: at - startedAt,
        };
      } catch (error) {
        if (idle.signal.aborted)
          throw new RetryLater(`the model sent nothing for ${options.idleTimeoutMs / 1000} s`);
        if (isOverflow(error)) return overflow(options.now().getTime());
        throw explainModelError(error);
      } finally {
        idle.stop();
      }
    },
  };
}

async function streamReply(
  client: Anthropic,
  request: ModelRequest,
  idle: IdleTimer,
): Promise<Anthropic.Message> {
  const { conversation, signal } = request;
  const stream = client.messages.stream(composeRequest(request), {
    signal: signal ? AbortSignal.any([idle.signal, signal]) : idle.signal,
    headers: betaHeaders(conversation),
  });
  stream.on('streamEvent', idle.restart);
  return stream.finalMessage();
}

function overflow(at: number): Reply {
  return { content: [], stopReason: 'context-overflow', usage: noUsage, dollars: 0, at, durationMs: 0 };
}
