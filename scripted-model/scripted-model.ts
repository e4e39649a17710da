import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkRequest, SentPrefixes } from './check-request.js';
import { type Conversation, findTurn } from './conversation.js';
import { errorBody, type Fault, Faults } from './faults.js';
import { countReplies, firstTextOf, type MessagesRequest } from './messages-request.js';
import { countTokens, PromptCache, type Usage } from './prompt-cache.js';
import { streamReply, toBlocks } from './stream-reply.js';

/* This file is the public interface of the folder. README.md describes it. */

export { Conversation, readConversation, ScriptedTurn } from './conversation.js';
export type { Fault } from './faults.js';
export { type Block, blocksOf, type MessagesRequest } from './messages-request.js';
export { countFixedTokens, countTokens, type Usage } from './prompt-cache.js';

export interface RecordedRequest {
  body: MessagesRequest;
  headers: http.IncomingHttpHeaders;
  /** Token usage of the request. Null when the request got no reply. */
  usage: Usage | null;
  /** Arrival time of the request, in milliseconds since 1970. */
  at: number;
}

export interface ScriptedModel {
  url: string;
  apiKey: string;
  /**
   * Adds a conversation and its simulated failures. The conversation replaces an earlier one with the same
   * `when`.
   */
  script(conversation: Conversation): void;
  failNext(fault: Fault): void;
  /** Every request so far, oldest first. */
  requests: RecordedRequest[];
  /**
   * Descriptions of requests that the Messages API would refuse, or for which no script has a reply. Tests
   * assert that this list is empty.
   */
  violations: string[];
  /**
   * Delays every request for a turn until the test calls `release`.
   * @param turn number of the turn, from 1
   * @param when a text in the first message of the conversation; default: any conversation
   */
  hold(turn: number, when?: string): { reached: Promise<void>; release(): void };
  stop(): Promise<void>;
}

export interface ScriptedModelOptions {
  /** Port to listen on. Default: any free port. */
  port?: number;
  /** Called with one line for each request and each violation. */
  log?: (line: string) => void;
}

const apiKey = 'sk-ant-api03-scripted-model-key-that-opens-nothing';

/** Starts a local Messages API on 127.0.0.1 that sends scripted replies. */
export async function startScriptedModel({
  port = 0,
  log,
}: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const conversations: Conversation[] = [];
  const [faults, holds] = [new Faults(), new Holds()];
  const requests: RecordedRequest[] = [];
  const violations: string[] = [];
  const violate = (...found: string[]) => {
    violations.push(...found);
    for (const line of found) log?.(`violation: ${line}`);
  };
  const answer = createAnswer({ conversations, faults, holds, requests, violate, log: log ?? (() => {}) });
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      // The client disconnected in the middle of its request, so nobody waits for a response.
      if (request.destroyed && !request.complete) return void response.destroy();
      violate(`the scripted model itself failed: ${error}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    script: (conversation) => {
      conversations.unshift(conversation);
      for (const fault of conversation.faults ?? []) faults.add({ ...fault, when: conversation.when });
    },
    failNext: (fault) => faults.add(fault),
    requests,
    violations,
    hold: (turn, when = '') => holds.add(turn, when),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface AnswerOptions {
  conversations: Conversation[];
  faults: Faults;
  holds: Holds;
  requests: RecordedRequest[];
  violate: (...found: string[]) => void;
  log: (line: string) => void;
}

function createAnswer({ conversations, faults, holds, requests, violate, log }: AnswerOptions) {
  const cache = new PromptCache();
  const prefixes = new SentPrefixes();
  return async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const raw = await readBody(request);
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/v1/messages')
      return refuse(response, 404, `there is no ${request.method} ${request.url}`);
    const key = request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '');
    if (key !== apiKey) return refuse(response, 401, 'invalid API key');
    const body = JSON.parse(raw) as MessagesRequest;
    const record: RecordedRequest = { body, headers: request.headers, usage: null, at: Date.now() };
    requests.push(record);

    const firstText = firstTextOf(body);
    const turn = countReplies(body) + 1;
    const fault = faults.take(firstText, turn);
    if (fault?.status) {
      log(`turn ${turn}: fault ${fault.status}`);
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(fault.body ?? errorBody(fault.status, 'scripted fault'));
    }
    const wrong = [...checkRequest(body), ...prefixes.check(body)];
    violate(...wrong);
    if (wrong.length > 0) return refuse(response, 400, wrong.join('; '));

    await holds.wait(turn, firstText);
    const scripted = findTurn(conversations, body);
    if (typeof scripted === 'string') {
      violate(scripted);
      return refuse(response, 400, scripted);
    }
    const blocks = toBlocks(scripted, turn, fault);
    const usage = cache.count(body, countTokens(JSON.stringify(blocks)));
    record.usage = usage;
    log(`turn ${turn}: ${JSON.stringify(usage)}`);
    streamReply(response, { model: body.model, blocks, stop: scripted.stop, usage }, fault);
  };
}

/** The turns that a test has delayed. The delay of a turn ends when its promise `released` resolves. */
class Holds {
  private readonly all: { turn: number; when: string; reached: () => void; released: Promise<void> }[] = [];

  add(turn: number, when: string): { reached: Promise<void>; release(): void } {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      this.all.push({ turn, when, reached: resolve, released });
    });
    return { reached, release };
  }

  /** Waits until the test ends the newest delay of this turn. Returns at once if the turn has no delay. */
  async wait(turn: number, firstText: string): Promise<void> {
    const held = this.all.findLast((one) => one.turn === turn && firstText.includes(one.when));
    held?.reached();
    await held?.released;
  }
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(errorBody(status, message));
}
