import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from '../answer.js';
import { redirectToStorage } from '../attachments/attachments.js';
import type { Context } from '../context.js';
import {
  authorizeGit,
  type GitRequest,
  parseGitRequest,
  sendGitRefusal,
  serveGit,
} from '../git/serve-git.js';
import { handleGraphql } from '../graphql/handle-graphql.js';
import type { RestValidation } from '../openapi/validate-rest.js';
import { renderPage } from '../pages/render-page.js';
import { Refusal } from '../refusal.js';
import { readLog } from '../rest/checks.js';
import { handleRest } from '../rest/handle-rest.js';
import { type ControlRequest, controlRoot } from './control-request.js';
import { answerOf, type Fault, type Faults } from './faults.js';

const restRoot = '/api/v3';

/** A request that the local GitHub received. */
export interface RecordedRequest {
  method: string;
  /** The path. For the REST API, the prefix `/api/v3` is removed. */
  path: string;
  query: Record<string, string>;
  /** The parsed JSON body. Null for a request without a body and for git requests. */
  body: unknown;
  /** All headers except `authorization`. */
  headers: Record<string, unknown>;
  /**
   * Status of the response. The value is 0 until the response is sent, and stays 0 if the connection closes
   * without a response.
   */
  status: number;
}

export interface HttpServerOptions {
  context: Context;
  validation: RestValidation;
  faults: Faults;
  requests: RecordedRequest[];
  /** Handles requests to the control API below `/_control`. If null, there is no control API. */
  control: ((request: ControlRequest) => Promise<Answer>) | null;
}

/** Creates the HTTP server for the REST API, the GraphQL API, git and the web pages. */
export function createHttpServer(options: HttpServerOptions): Server {
  return createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      // The client disconnected in the middle of its request, so nobody waits for a response.
      if (request.destroyed && !request.complete) return void response.destroy();
      options.context.violations.push(
        `${request.method} ${request.url}: the local GitHub itself failed: ${error}`,
      );
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
}

async function serve(
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', options.context.web);
  const record: RecordedRequest = {
    method,
    path: url.pathname.startsWith(`${restRoot}/`) ? url.pathname.slice(restRoot.length) : url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: null,
    headers: { ...request.headers, authorization: undefined },
    status: 0,
  };
  options.requests.push(record);
  response.once('finish', () => {
    record.status = response.statusCode;
  });
  const git = parseGitRequest(method, url);
  if (git) return answerGit(options, git, record, request, response);
  record.body = parseBody(await readBody(request));
  const operation = operationOf(options, record, url);
  const fault = await takeFault(options.faults, record, url, operation);
  const answer = fault && !fault.afterEffect ? null : await answerApi(options, record, url, request);
  if (fault?.afterEffect) await fault.held?.();
  if (fault?.cut) return void response.destroy();
  send(options.context, response, fault && !isHold(fault) ? answerOf(fault) : (answer ?? { status: 500 }));
}

async function answerApi(
  { context, validation, control }: HttpServerOptions,
  record: RecordedRequest,
  url: URL,
  request: IncomingMessage,
): Promise<Answer> {
  const { method, path, query, body } = record;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
  if (control && `${url.pathname}/`.startsWith(`${controlRoot}/`))
    return control({ method, path: url.pathname, contentType: headers['content-type'] ?? '', body });
  if (url.pathname === '/api/graphql') return handleGraphql(context, headers.authorization, body);
  if (url.pathname.startsWith(`${restRoot}/`))
    return handleRest(context, validation, { method, path, query, headers, body: body ?? undefined });
  const log = method === 'GET' ? readLog(context, url.pathname, headers.authorization) : null;
  if (log !== null) return { status: 200, headers: { 'content-type': 'text/plain' }, body: log };
  const attachment = method === 'GET' ? redirectToStorage(context, path, headers.authorization) : null;
  if (attachment) return attachment;
  const page = method === 'GET' ? await renderPage(context, decodeURIComponent(url.pathname)) : null;
  const type = { 'content-type': 'text/html; charset=utf-8' };
  return page
    ? { status: 200, headers: type, body: page }
    : { status: 404, headers: type, body: 'Not Found' };
}

async function answerGit(
  { context, faults }: HttpServerOptions,
  git: GitRequest,
  record: RecordedRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = await takeFault(faults, record, new URL(record.path, context.web), git.operation);
  const answerFault = (given: Fault) => {
    if (given.cut) return void response.destroy();
    send(context, response, answerOf(given));
  };
  if (fault && !fault.afterEffect) {
    request.resume();
    return answerFault(fault);
  }
  try {
    const access = authorizeGit(context, git, request.headers.authorization);
    await serveGit(context, git, access, request, (status, headers, body) => {
      if (fault) answerFault(fault);
      else response.writeHead(status, headers).end(body);
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    request.resume();
    sendGitRefusal(response, error);
  }
}

function operationOf(
  { validation }: HttpServerOptions,
  { method, path }: RecordedRequest,
  url: URL,
): string | null {
  if (url.pathname === '/api/graphql') return 'graphql';
  return url.pathname.startsWith(`${restRoot}/`) ? (validation.match({ method, path })?.id ?? null) : null;
}

/**
 * Returns whether a simulated failure only delays the request. If so, the client gets the normal response
 * after the delay.
 */
function isHold({ status, cut }: Fault): boolean {
  return status === undefined && !cut;
}

/**
 * Finds the simulated failure for a request. A failure from `failNext` may specify the path of the request
 * with or without the prefix `/api/v3`. If the failure has a delay and does not set `afterEffect`, this
 * function waits until the delay ends.
 * @returns the failure that the caller must still apply; null when there is none
 */
async function takeFault(
  faults: Faults,
  { method, path }: RecordedRequest,
  url: URL,
  operation: string | null,
): Promise<Fault | null> {
  const fault =
    faults.take(method, path, operation) ??
    faults.take(method, url.pathname, operation) ??
    faults.decide({ method, path, operation });
  if (!fault?.afterEffect) await fault?.held?.();
  return fault && (fault.afterEffect || !isHold(fault)) ? fault : null;
}

function send(context: Context, response: ServerResponse, { status, headers, body }: Answer): void {
  const asIs = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, {
    // Octokit adjusts the App's tokens (JWTs) to the time in this header, so the time must come from `clock`.
    date: context.clock().toUTCString(),
    'content-type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': 'C0DE:1234:5678',
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(context.clock().getTime() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    ...headers,
  });
  response.end(body === undefined ? undefined : asIs ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Parses a body as JSON. Returns invalid JSON as text, which the validation then refuses.
 * @returns null for an empty body
 */
function parseBody(raw: Buffer): unknown {
  if (raw.length === 0) return null;
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return raw.toString('utf8');
    throw error;
  }
}
