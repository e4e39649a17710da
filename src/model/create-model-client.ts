import Anthropic from '@anthropic-ai/sdk';
import { composeRequest } from './compose-request.js';
import { dropThinking } from './drop-thinking.js';
import { explainModelError, isOverflow, isRefusedThinking } from './explain-model-error.js';
import type { ModelClient, ModelRequest, Reply } from './model.js';
import { dollarsOf, noUsage } from './models.js';
import { AbandonedReply } from './reply/abandoned-reply.js';
import { type ReplyLimits, streamReply } from './reply/stream-reply.js';
import { createTruncationGuard } from './reply/truncation-guard.js';
import { usageOf } from './reply/usage-of.js';
import { betaHeaders, keepCached, probe, summarize } from './side-requests.js';
import { toSendable } from './to-sendable.js';

export function createModelClient(
  options: ReplyLimits & { apiKey: string; baseUrl: string | undefined },
): ModelClient {
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    ...(options.baseUrl && { baseURL: options.baseUrl }),
    // If the SDK retried, it would wait inside this process, for up to an hour. A restart would lose the
    // wait. The engine stores its waits in Postgres, so only the engine retries.
    maxRetries: 0,
    logLevel: 'off',
  });
  const isTruncated = createTruncationGuard();
  const explained = <T>(response: Promise<T>): Promise<T> =>
    response.catch((error) => {
      throw explainModelError(error);
    });
  const ask = async (request: ModelRequest & { maxTokens: number }): Promise<Reply> => {
    const startedAt = options.now().getTime();
    const { model, conversation } = request;
    const message = await streamReply(
      (more) =>
        client.messages.stream(composeRequest(request), { ...more, headers: betaHeaders(conversation) }),
      request,
      options,
    );
    const usage = usageOf(message.usage);
    const at = options.now().getTime();
    const dollars = dollarsOf(model, usage, at);
    if (message.stop_reason === null)
      throw new AbandonedReply('cut', "the model's reply was cut off", usage, dollars);
    if (isTruncated(message, request))
      throw new AbandonedReply('cut', 'the input of a tool call was cut off', usage, dollars);
    const category = message.stop_details?.category;
    return {
      content: toSendable(message.content),
      stopReason: message.stop_reason,
      ...(category && { refusedCategory: category }),
      usage,
      dollars,
      at,
      durationMs: at - startedAt,
    };
  };
  return {
    keepCached: (request) => explained(keepCached(client, request, options.now())),
    summarize: (request, instructions) => explained(summarize(client, request, instructions, options)),
    probe: (model) => explained(probe(client, model)),
    ask: async (request) => {
      try {
        return await askAgainWithoutThinking(ask, { maxTokens: request.model.maxOutputTokens, ...request });
      } catch (error) {
        if (isOverflow(error)) return overflow(options.now().getTime());
        throw explainModelError(error);
      }
    },
  };
}

function overflow(at: number): Reply {
  return { content: [], stopReason: 'context-overflow', usage: noUsage, dollars: 0, at, durationMs: 0 };
}

/** Sends a request. If the API refuses its thinking blocks, sends it again without them. */
async function askAgainWithoutThinking<Request extends ModelRequest>(
  ask: (request: Request) => Promise<Reply>,
  request: Request,
): Promise<Reply> {
  try {
    return await ask(request);
  } catch (error) {
    if (!isRefusedThinking(error)) throw error;
    const reply = await ask({ ...request, conversation: dropThinking(request.conversation) });
    return { ...reply, droppedThinking: true };
  }
}
