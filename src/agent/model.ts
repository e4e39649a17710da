import Anthropic, { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { asSentence, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';
import { markForCache } from './mark-for-cache.js';
import { dollarsOf, type Model, type Usage } from './models.js';
import type { Conversation, Reply } from './turn.js';

/** One request to Anthropic's Messages API. */
export interface ModelRequest {
  model: Model;
  system: Anthropic.TextBlockParam[];
  tools: Anthropic.ToolUnion[];
  conversation: Conversation;
  /** Limit of the reply's length, in tokens. The default is 32,000. */
  maxTokens?: number;
  /** Aborting this signal cancels the request and discards the reply. */
  signal?: AbortSignal;
}

/** Every request to the Messages API goes through this interface. */
export interface ModelClient {
  /**
   * @throws RetryLater for a temporary fault: a rate limit, an overload, or a stream that breaks off or sends
   * nothing for too long
   * @throws RunEndedError for a permanent fault, such as a wrong key
   */
  ask(request: ModelRequest): Promise<Reply>;
}

const maxReplyTokens = 32_000;

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
  return {
    ask: async (request) => {
      const startedAt = options.now().getTime();
      const idle = createIdleTimer(options.idleTimeoutMs);
      try {
        const message = await streamReply(client, request, idle);
        if (message.stop_reason === null) throw new RetryLater("the model's reply was cut off");
        refuseTruncated(message, request);
        const usage = usageOf(message);
        const at = options.now().getTime();
        return {
          content: toSendable(message.content),
          stopReason: message.stop_reason,
          usage,
          dollars: dollarsOf(request.model, usage),
          at,
          durationMs: at - startedAt,
        };
      } catch (error) {
        if (idle.signal.aborted)
          throw new RetryLater(`the model sent nothing for ${options.idleTimeoutMs / 1000} s`);
        if (isOverflow(error)) return overflow(options.now().getTime());
        throw explain(error);
      } finally {
        idle.stop();
      }
    },
  };
}

async function streamReply(
  client: Anthropic,
  { model, system, tools, conversation, maxTokens = maxReplyTokens, signal }: ModelRequest,
  idle: IdleTimer,
): Promise<Anthropic.Message> {
  const stream = client.messages.stream(
    { model: model.id, max_tokens: maxTokens, system, tools, messages: markForCache(conversation) },
    { signal: signal ? AbortSignal.any([idle.signal, signal]) : idle.signal },
  );
  stream.on('streamEvent', idle.restart);
  return stream.finalMessage();
}

interface IdleTimer {
  /** Is aborted when the time since the last restart reaches the timeout. */
  signal: AbortSignal;
  restart(): void;
  stop(): void;
}

function createIdleTimer(timeoutMs: number): IdleTimer {
  const controller = new AbortController();
  let timer: NodeJS.Timeout;
  const stop = () => clearTimeout(timer);
  const restart = () => {
    stop();
    timer = setTimeout(() => controller.abort(), timeoutMs);
  };
  restart();
  return { signal: controller.signal, restart, stop };
}

function usageOf({ usage }: Anthropic.Message): Usage {
  return {
    inputTokens: usage.input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    outputTokens: usage.output_tokens,
  };
}

/**
 * Creates a check for tool calls that lost their input in transport. The input of such a call arrives as
 * `{}`, without an error. If a reply has such a call, the check throws RetryLater, so that the model is asked
 * again. If the next reply has an empty input again, the check accepts the reply, because the model sent the
 * empty input on purpose. The tool's result then tells the model what is missing.
 */
function createTruncationGuard(): (message: Anthropic.Message, request: ModelRequest) => void {
  /** Maps a conversation to its length at the latest reply that had a call with an empty input. */
  const seenAt = new WeakMap<Conversation, number>();
  return (message, { conversation, tools }) => {
    // A retry does not help if the reply reached its length limit. In this case, the result of the tool call
    // tells the model about the limit.
    if (message.stop_reason === 'max_tokens' || !hasEmptyCall(message.content, tools)) return;
    const isRepeated = seenAt.get(conversation) === conversation.length;
    seenAt.set(conversation, conversation.length);
    if (!isRepeated) throw new RetryLater('the input of a tool call was cut off');
  };
}

/** Returns whether a call has no input although its tool requires some. */
function hasEmptyCall(content: Anthropic.ContentBlock[], tools: Anthropic.ToolUnion[]): boolean {
  return content.some((block) => {
    if (block.type !== 'tool_use' || Object.keys((block.input ?? {}) as object).length > 0) return false;
    const tool = tools.find((one) => 'name' in one && one.name === block.name);
    const required = tool && 'input_schema' in tool ? tool.input_schema.required : ['command'];
    return Boolean(tool && required && required.length > 0);
  });
}

/**
 * Prepares a reply so that it can be sent back to the API. Removes text blocks without a visible character,
 * because the API refuses them. Removes NUL characters and replaces lone surrogates in text and tool inputs,
 * because other programs reject them.
 */
export function toSendable(content: Anthropic.ContentBlock[]): Anthropic.ContentBlock[] {
  return content
    .map((block) => {
      if (block.type === 'text') return { ...block, text: cleanString(block.text) };
      return block.type === 'tool_use' ? { ...block, input: cleanStrings(block.input) } : block;
    })
    .filter((block) => block.type !== 'text' || block.text.trim() !== '');
}

function cleanString(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function cleanStrings(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input ?? {}), (_, part) =>
    typeof part === 'string' ? cleanString(part) : part,
  );
}

function isOverflow(error: unknown): boolean {
  return (
    error instanceof APIError &&
    error.status === 400 &&
    /prompt is too long|context window|exceed.{0,20}context/i.test(error.message)
  );
}

function overflow(at: number): Reply {
  const usage = { inputTokens: 0, cacheWriteTokens: 0, cacheReadTokens: 0, outputTokens: 0 };
  return { content: [], stopReason: 'context-overflow', usage, dollars: 0, at, durationMs: 0 };
}

function explain(error: unknown): Error {
  if (error instanceof RetryLater) return error;
  if (error instanceof APIConnectionError) return new RetryLater('the model could not be reached');
  if (error instanceof APIError) {
    const { status } = error;
    const type = (error.error as { error?: { type?: string } } | undefined)?.error?.type ?? '';
    const waitMs = retryAfterMs(error.headers);
    if (status === 429 || type === 'rate_limit_error')
      return new RetryLater("the model's rate limit was reached (429)", waitMs);
    if (status === 529 || type === 'overloaded_error')
      return new RetryLater('the model is overloaded (529)', waitMs);
    // If the API reports an error in the middle of a stream, the error has no HTTP status.
    if (status === undefined || status >= 500 || status === 408 || status === 409)
      return new RetryLater(`the model answered with an error${status ? ` (${status})` : ''}`, waitMs);
    if (status === 401 || status === 403)
      return failed(`The model's API does not accept the key (${status}). Check ANTHROPIC_API_KEY.`);
    if (status === 404)
      return failed(`The model's API does not know the model: ${messageOf(error).replace(/^model: /, '')}`);
    return failed(`The model's API refused the request (${status}): ${messageOf(error)}`);
  }
  // The SDK throws these errors if a stream ends in the middle of a message or is not valid JSON.
  if (
    error instanceof Error &&
    (error.name === 'AnthropicError' ||
      error instanceof SyntaxError ||
      /terminated|stream ended|premature|socket|fetch failed/i.test(error.message))
  )
    return new RetryLater("the model's reply was cut off");
  return error instanceof Error ? error : new Error(String(error));
}

function messageOf(error: APIError): string {
  const message = (error.error as { error?: { message?: string } } | undefined)?.error?.message;
  return (message ?? error.message).slice(0, 300);
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason: asSentence(reason) });
}

function retryAfterMs(headers: Headers | undefined): number | null {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(1000, seconds * 1000) : null;
}
