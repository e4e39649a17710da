import Anthropic, { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';
import { dollarsOf, type Model } from './models.js';
import { markForCache } from './prompt.js';
import type { Conversation, Reply } from './turn.js';

export interface Question {
  model: Model;
  system: Anthropic.TextBlockParam[];
  tools: Anthropic.ToolUnion[];
  conversation: Conversation;
  /** Of the reply; the usual limit when left out. */
  maxTokens?: number;
  /** Aborting gives the reply up. */
  signal?: AbortSignal;
}

/** The one way to the Messages API. */
export interface ModelClient {
  /**
   * @throws RetryLater for what passes: limits, overload, cut and silent streams; RunEnded for what does not
   */
  ask(question: Question): Promise<Reply>;
}

const maxReplyTokens = 32_000;

export function createModelClient(options: {
  apiKey: string;
  baseUrl: string | undefined;
  /** A stream that says nothing for so long is given up; the SDK's own timeout does not see those. */
  silenceMs: number;
  now: () => Date;
}): ModelClient {
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    ...(options.baseUrl && { baseURL: options.baseUrl }),
    // The engine waits durably instead: the SDK would sleep an hour-long retry-after in this process.
    maxRetries: 0,
    logLevel: 'off',
  });
  /** At which length of a conversation its reply last held a call that looks cut. */
  const truncated = new WeakMap<Conversation, number>();
  return {
    ask: async ({ model, system, tools, conversation, maxTokens = maxReplyTokens, signal }) => {
      const startedAt = options.now().getTime();
      const silence = new AbortController();
      let timer = setTimeout(() => silence.abort(), options.silenceMs);
      try {
        const stream = client.messages.stream(
          {
            model: model.id,
            max_tokens: maxTokens,
            system,
            tools,
            messages: markForCache(conversation),
          },
          { signal: signal ? AbortSignal.any([silence.signal, signal]) : silence.signal },
        );
        stream.on('streamEvent', () => {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), options.silenceMs);
        });
        const message = await stream.finalMessage();
        if (message.stop_reason === null) throw new RetryLater("the model's reply was cut off");
        // Where its length ended the reply, its last call is cut as a matter of course: the model is told so.
        if (message.stop_reason !== 'max_tokens' && hasTruncatedCall(message.content, tools)) {
          const again = truncated.get(conversation) === conversation.length;
          truncated.set(conversation, conversation.length);
          if (!again) throw new RetryLater('the input of a tool call was cut off');
        }
        const usage = {
          inputTokens: message.usage.input_tokens,
          cacheWriteTokens: message.usage.cache_creation_input_tokens ?? 0,
          cacheReadTokens: message.usage.cache_read_input_tokens ?? 0,
          outputTokens: message.usage.output_tokens,
        };
        const at = options.now().getTime();
        return {
          content: toSendable(message.content),
          stopReason: message.stop_reason,
          usage,
          dollars: dollarsOf(model, usage),
          at,
          durationMs: at - startedAt,
        };
      } catch (error) {
        if (silence.signal.aborted)
          throw new RetryLater(`the model said nothing for ${options.silenceMs / 1000} seconds`);
        if (isOverflow(error)) return overflow(options.now().getTime());
        throw explain(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * A call whose input was cut arrives as `{}` without any error: where a field is required, that is a fault of transport.
 * Only when it comes again at the same place are they the model's own words, and a result tells it what is missing.
 */
function hasTruncatedCall(content: Anthropic.ContentBlock[], tools: Anthropic.ToolUnion[]): boolean {
  return content.some((block) => {
    if (block.type !== 'tool_use' || Object.keys((block.input ?? {}) as object).length > 0) return false;
    const tool = tools.find((one) => 'name' in one && one.name === block.name);
    const required = tool && 'input_schema' in tool ? tool.input_schema.required : ['command'];
    return Boolean(tool && required && required.length > 0);
  });
}

/**
 * What may be sent back: the API itself refuses text without a visible character, which models do give, and no program can
 * be handed NUL or half of a surrogate pair. Everything else (thinking, and what is not known here) stays as it is.
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
    const wait = waitOf(error.headers);
    if (status === 429 || type === 'rate_limit_error')
      return new RetryLater("the model's rate limit was reached (429)", wait);
    if (status === 529 || type === 'overloaded_error')
      return new RetryLater('the model is overloaded (529)', wait);
    // An error event in the middle of a stream has no status of its own.
    if (status === undefined || status >= 500 || status === 408 || status === 409)
      return new RetryLater(`the model answered with an error${status ? ` (${status})` : ''}`, wait);
    if (status === 401 || status === 403)
      return failed(`the model's API does not accept the key (${status}); look at ANTHROPIC_API_KEY`);
    if (status === 404) return failed(`the model's API does not know the model: ${messageOf(error)}`);
    return failed(`the model's API refused the request (${status}): ${messageOf(error)}`);
  }
  // What the SDK throws for a stream that ends in the middle of a message, or holds no JSON.
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
  const said = (error.error as { error?: { message?: string } } | undefined)?.error?.message;
  return (said ?? error.message).slice(0, 300);
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason });
}

function waitOf(headers: Headers | undefined): number | null {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(1000, seconds * 1000) : null;
}
