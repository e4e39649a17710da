import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnswer } from './answer.js';
import type { RecordedRequest } from './answer-messages.js';
import type { Conversation } from './conversation.js';
import type { NamedError } from './errors.js';
import { type Fault, Faults } from './faults.js';
import { Holds } from './holds.js';

/* This file is the public interface of the folder. README.md describes it. */

export { Conversation, readConversation, ScriptedTurn } from './conversation.js';
export type { Fault } from './faults.js';
export { type Block, blocksOf, type MessagesRequest } from './messages-request.js';
export { countBlockTokens, countFixedTokens } from './tokens.js';

export interface ScriptedModel {
  url: string;
  apiKey: string;
  /**
   * Adds a conversation and its simulated failures. The conversation replaces an earlier one with the same
   * `when`.
   */
  script(conversation: Conversation): void;
  failNext(fault: Fault): void;
  /** Refuses every message from now on, because of the state of the account. Null accepts them again. */
  refuseAccount(error: NamedError | null): void;
  /** Every `POST /v1/messages` so far, oldest first. */
  requests: RecordedRequest[];
  /** The paths of all other requests, such as `/v1/models/claude-sonnet-5-5`, oldest first. */
  otherRequests: string[];
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
  /** Moves the clock forward. Cached prefixes expire as if this time had passed. */
  advance(milliseconds: number): void;
  stop(): Promise<void>;
}

export interface ScriptedModelOptions {
  /** Port to listen on. Default: any free port. */
  port?: number;
  /** Called with one line for each request and each violation. */
  log?: (line: string) => void;
  /** The time, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
}

const apiKey = 'sk-ant-api03-scripted-model-key-that-opens-nothing';

/** Starts a local Messages API on 127.0.0.1 that sends scripted replies. */
export async function startScriptedModel({
  port = 0,
  log,
  now = Date.now,
}: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const conversations: Conversation[] = [];
  const [faults, holds] = [new Faults(), new Holds()];
  const requests: RecordedRequest[] = [];
  const otherRequests: string[] = [];
  const violations: string[] = [];
  let advanced = 0;
  let accountFault: NamedError | null = null;
  const violate = (...found: string[]) => {
    violations.push(...found);
    for (const line of found) log?.(`violation: ${line}`);
  };
  const answer = createAnswer({
    ...{ apiKey, conversations, faults, holds, requests, violate },
    readAccountFault: () => accountFault,
    recordOther: (path) => otherRequests.push(path),
    log: log ?? (() => {}),
    now: () => now() + advanced,
  });
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
    refuseAccount: (error) => {
      accountFault = error;
    },
    requests,
    otherRequests,
    violations,
    hold: (turn, when = '') => holds.add(turn, when),
    advance: (milliseconds) => {
      advanced += milliseconds;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
