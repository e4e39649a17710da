import type http from 'node:http';
import { bindThinking } from './checks/bind-thinking.js';
import { checkMessages, SentPrefixes } from './checks/check-messages.js';
import { checkBetas, checkParameters, readBetas } from './checks/check-parameters.js';
import { betas, checkSchema } from './checks/request-schema.js';
import { applyCompaction, checkSummarizable } from './compaction.js';
import { type Conversation, findPlace, findTurn, type Place } from './conversation.js';
import { type Accepted, createReply } from './create-reply.js';
import { type ApiError, refusal, sendError } from './errors.js';
import { type Faults, sendFault } from './faults.js';
import type { Holds } from './holds.js';
import { type Block, blocksOf, type MessagesRequest, withoutMark } from './messages-request.js';
import { findModel } from './models.js';
import { PromptCache, type Usage } from './prompt-cache.js';
import { sendReply, streamReply } from './stream-reply.js';
import { countPromptTokens } from './tokens.js';

export interface RecordedRequest {
  body: MessagesRequest;
  headers: http.IncomingHttpHeaders;
  /** Token usage of the request. Null when the request got no reply. */
  usage: Usage | null;
  /** Arrival time of the request, in milliseconds since 1970. */
  at: number;
}

export interface MessagesOptions {
  conversations: Conversation[];
  faults: Faults;
  holds: Holds;
  requests: RecordedRequest[];
  violate: (...found: string[]) => void;
  log: (line: string) => void;
  /** The time, in milliseconds since 1970. */
  now: () => number;
}

/** Creates the function that answers `POST /v1/messages` and `POST /v1/messages/count_tokens`. */
export function answerMessages(options: MessagesOptions) {
  const { faults, requests, violate } = options;
  const cache = new PromptCache();
  const prefixes = new SentPrefixes();
  /** The replies that ended with `pause_turn`. A request may end with one. */
  const paused = new Set<string>();

  return async (
    body: unknown,
    { headers }: http.IncomingMessage,
    response: http.ServerResponse,
    isCount: boolean,
  ): Promise<void> => {
    const startedAt = options.now();
    const record: RecordedRequest = { body: body as MessagesRequest, headers, usage: null, at: startedAt };
    if (!isCount) requests.push(record);
    const refuse = (error: ApiError, ...others: string[]) => {
      if (error.isViolation) violate(error.message, ...others);
      sendError(response, error);
    };
    const has = readBetas(headers['anthropic-beta'] as string | undefined);
    const [wrong, ...others] = [...checkBetas(has), ...checkSchema(body, has, isCount)];
    if (wrong) return refuse(refusal(wrong), ...others);
    const request = body as MessagesRequest;

    const applied = applyCompaction(request);
    if ('fault' in applied) return refuse(applied.fault);
    const place = findPlace(applied.request, applied.compacted);
    const fault = faults.take(isCount ? 'count_tokens' : 'messages', place.text, place.turn);
    if (sendFault(response, fault)) return options.log(`turn ${place.turn}: fault`);

    const isPaused = paused.has(withoutMarks(blocksOf(request.messages.at(-1)?.content)));
    const accepted = accept(request, applied.request, { has, place, isPaused, isCount });
    if ('faults' in accepted) {
      const [first, ...rest] = accepted.faults;
      return refuse(first as ApiError, ...rest.map(({ message }) => message));
    }
    if (isCount) return sendCount(response, request, accepted.promptTokens);
    if (!request.compaction) violate(...prefixes.check(request));

    const isTurn = !request.compaction && request.max_tokens > 0;
    if (isTurn) await options.holds.wait(place.turn, place.text);
    const turn = findTurn(options.conversations, request, place);
    if (typeof turn === 'string' && isTurn) return refuse(refusal(turn));
    const scripted = typeof turn === 'string' ? {} : turn;
    const message = createReply(accepted, scripted, { cache, startedAt, fault });
    record.usage = message.usage;
    options.log(`turn ${place.turn}: ${JSON.stringify(message.usage)}`);
    if (message.stopReason === 'pause_turn') paused.add(withoutMarks(message.content));
    const pace = { think: isTurn ? (scripted.think ?? 0) : 0, pause: scripted.pause ?? 0 };
    if (!request.stream) return sendReply(response, message, pace);
    await streamReply(response, message, { pace, tools: request.tools ?? [], fault });
  };
}

/** Cache marks do not change a message. */
function withoutMarks(content: Block[]): string {
  return JSON.stringify(content.map(withoutMark));
}

function sendCount(response: http.ServerResponse, request: MessagesRequest, promptTokens: number): void {
  const original = { original_input_tokens: countPromptTokens(request) };
  const more = request.context_management ? { context_management: original } : {};
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ input_tokens: promptTokens, ...more }));
}

/** Decides whether the API accepts a request with a valid schema. */
function accept(
  request: MessagesRequest,
  compacted: MessagesRequest,
  {
    has,
    place,
    isPaused,
    isCount,
  }: {
    has: ReadonlySet<string>;
    place: Place;
    isPaused: boolean;
    isCount: boolean;
  },
): Accepted | { faults: ApiError[] } {
  const model = findModel(request.model);
  if (!model) return { faults: [{ status: 404, message: `model: ${request.model}` }] };
  const found = [...checkParameters(request, model), ...checkMessages(request, isPaused || isCount)];
  const bound = bindThinking(compacted, model, has.has(betas.binding));
  if (bound.fault) found.push(bound.fault);
  const unsummarizable = request.compaction ? checkSummarizable(request) : null;
  const faults = [...found.map((message) => refusal(message)), ...(unsummarizable ? [unsummarizable] : [])];
  if (faults.length > 0) return { faults };
  const promptTokens = countPromptTokens(bound.request);
  if (promptTokens > model.contextTokens) {
    const message = `prompt is too long: ${promptTokens} tokens > ${model.contextTokens} maximum`;
    return { faults: [{ status: 400, message }] };
  }
  return { ...bound, model, place, promptTokens, has };
}
