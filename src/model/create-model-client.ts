import type { APIError } from '@anthropic-ai/sdk';
import { composeRequest } from './compose-request.js';
import { dropThinking } from './drop-thinking.js';
import {
  explainModelError,
  isOverflow,
  isRefusedThinking,
  isUnsupported,
  messageOf,
} from './explain-model-error.js';
import type { Cost, ModelClient, ModelRequest, Reply, Summary } from './model.js';
import { dollarsOf, noUsage } from './models.js';
import { createOptionalParameters, type OptionalParameters } from './optional-parameters.js';
import type { Provider } from './providers/provider.js';
import { AbandonedReply } from './reply/abandoned-reply.js';
import { type ReplyLimits, streamReply } from './reply/stream-reply.js';
import { createTruncationGuard } from './reply/truncation-guard.js';
import { usageOf } from './reply/usage-of.js';
import { betaHeaders, keepCached, probe, summarize } from './side-requests.js';
import { toSendable } from './to-sendable.js';

/**
 * Creates the client for every request to the models, whoever provides them.
 * @param options.say gets a statement about each feature that the provider's API turns out not to have. Runs
 * go on without it.
 */
export function createModelClient(
  options: ReplyLimits & { provider: Provider; say?: (statement: string) => void },
): ModelClient {
  const { provider, say = () => {} } = options;
  const parameters = createOptionalParameters(say);
  const ask = createAsk(options);
  const send = createSend(provider, parameters);
  const sayMissing = (what: string, error: APIError, effect: string) =>
    say(`the model's API ${what} (${error.status}: ${messageOf(error)}), so ${effect}`);
  /** The ids of the models whose API does not read its cache without a reply. */
  const repliesAlways = new Set<string>();
  return {
    keepCached: (request) =>
      send<Cost | null>(
        request,
        async (accepted) =>
          repliesAlways.has(accepted.model.id) ? null : keepCached(provider, accepted, options.now()),
        (error) => {
          if (!isUnsupported(error) || (error.status === 400 && !/max_tokens/.test(error.message))) return;
          repliesAlways.add(request.model.id);
          sayMissing('reads no cache without a reply', error, 'its cache can expire while long tests run');
          return null;
        },
      ),
    summarize: (request, instructions) =>
      send<Summary | null>(
        request,
        (accepted) => summarize(provider, accepted, instructions, options),
        (error) => {
          if (!isUnsupported(error)) return;
          sayMissing('did not summarize a conversation', error, 'its oldest turns are removed instead');
          return null;
        },
      ),
    probe: (model, signal) =>
      probe(provider, parameters.accepted(model), signal).catch((error: unknown) => {
        throw explainModelError(error, provider.credential);
      }),
    ask: (request) =>
      send(
        request,
        (accepted) => askAgainWithoutThinking(ask, { maxTokens: request.model.maxOutputTokens, ...accepted }),
        (error) => (isOverflow(error) ? overflow(options.now().getTime()) : undefined),
      ),
  };
}

/**
 * Creates the function that sends a request with what the API accepts. It throws only what `ModelClient`
 * describes. Its argument `recover` returns the result that takes the place of an error; undefined if there
 * is none.
 */
function createSend({ credential }: Provider, parameters: OptionalParameters) {
  return async function send<T>(
    request: ModelRequest,
    attempt: (accepted: ModelRequest) => Promise<T>,
    recover: (error: unknown) => T | undefined,
  ): Promise<T> {
    const model = parameters.accepted(request.model);
    try {
      return await attempt({ ...request, model });
    } catch (error) {
      if (parameters.learn(model, error)) return send(request, attempt, recover);
      const result = recover(error);
      if (result !== undefined) return result;
      throw explainModelError(error, credential);
    }
  };
}

/** Creates the function that sends one request and receives the reply. It throws the SDK's own errors. */
function createAsk(options: ReplyLimits & { provider: Provider }) {
  const isTruncated = createTruncationGuard();
  return async (request: ModelRequest & { maxTokens: number }): Promise<Reply> => {
    const startedAt = options.now().getTime();
    const { model, conversation } = request;
    const message = await streamReply(
      options.provider,
      (client, more) =>
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
