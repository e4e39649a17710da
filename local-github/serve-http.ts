import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerOf, type Fault, type Faults } from './faults.js';
import { authorizeGit, type GitRequest, parseGitRequest, sendGitRefusal, serveGit } from './git-http.js';
import { handleGraphql } from './graphql/handle-graphql.js';
import { renderPage } from './pages/render-page.js';
import { type Answer, type Parts, Refusal } from './parts.js';
import { readLog } from './rest/checks.js';
import { handleRest } from './rest/handle-rest.js';
import type { RestValidation } from './validate-rest.js';

const restRoot = '/api/v3';

/** One request that came in, in the order of arrival. */
export interface RecordedRequest {
  method: string;
  /** Of the REST API: below `/api/v3`. */
  path: string;
  query: Record<string, string>;
  /** Parsed JSON; null where there is none, and for git. */
  body: unknown;
  /** Without the one that holds the credential, by right. */
  headers: Record<string, unknown>;
  /** 0 until it is answered, and for ever when the connection was cut. */
  status: number;
}

interface Serving {
  parts: Parts;
  validation: RestValidation;
  faults: Faults;
  requests: RecordedRequest[];
}

/** One server for all: REST, GraphQL, git, and pages for people. */
export function createHttpServer(serving: Serving): Server {
  return createServer((request, response) => {
    serve(serving, request, response).catch((error: unknown) => {
      // Whoever asked is gone in the middle of asking: killed, most likely.
      if (request.destroyed && !request.complete) return void response.destroy();
      serving.parts.violations.push(`${request.method} ${request.url}: the local GitHub failed: ${error}`);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
}

async function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', serving.parts.web);
  const record: RecordedRequest = {
    method,
    path: url.pathname.startsWith(`${restRoot}/`) ? url.pathname.slice(restRoot.length) : url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: null,
    headers: { ...request.headers, authorization: undefined },
    status: 0,
  };
  serving.requests.push(record);
  response.once('finish', () => {
    record.status = response.statusCode;
  });
  const git = parseGitRequest(method, url);
  if (git) return answerGit(serving, git, record, request, response);
  record.body = parseBody(await readBody(request));
  const operation = operationOf(serving, record, url);
  const fault = await takeFault(serving.faults, record, url, operation);
  const answer = fault && !fault.afterEffect ? null : await answerApi(serving, record, url, request);
  if (fault?.afterEffect) await fault.held?.();
  if (fault?.cut) return void response.destroy();
  send(serving.parts, response, fault && !isHold(fault) ? answerOf(fault) : (answer ?? { status: 500 }));
}

async function answerApi(
  { parts, validation }: Serving,
  record: RecordedRequest,
  url: URL,
  request: IncomingMessage,
): Promise<Answer> {
  const { method, path, query, body } = record;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
  if (url.pathname === '/api/graphql') return handleGraphql(parts, headers.authorization, body);
  if (url.pathname.startsWith(`${restRoot}/`))
    return handleRest(parts, validation, { method, path, query, headers, body: body ?? undefined });
  const log = method === 'GET' ? readLog(parts, url.pathname, headers.authorization) : null;
  if (log !== null) return { status: 200, headers: { 'content-type': 'text/plain' }, body: log };
  const page = method === 'GET' ? await renderPage(parts, decodeURIComponent(url.pathname)) : null;
  const type = { 'content-type': 'text/html; charset=utf-8' };
  return page
    ? { status: 200, headers: type, body: page }
    : { status: 404, headers: type, body: 'Not Found' };
}

async function answerGit(
  { parts, faults }: Serving,
  git: GitRequest,
  record: RecordedRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = await takeFault(faults, record, new URL(record.path, parts.web), git.operation);
  const answerFault = (given: Fault) => {
    if (given.cut) return void response.destroy();
    send(parts, response, answerOf(given));
  };
  if (fault && !fault.afterEffect) {
    request.resume();
    return answerFault(fault);
  }
  try {
    const access = authorizeGit(parts, git, request.headers.authorization);
    await serveGit(parts, git, access, request, (status, headers, body) => {
      if (fault) answerFault(fault);
      else response.writeHead(status, headers).end(body);
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    request.resume();
    sendGitRefusal(response, error);
  }
}

function operationOf({ validation }: Serving, { method, path }: RecordedRequest, url: URL): string | null {
  if (url.pathname === '/api/graphql') return 'graphql';
  return url.pathname.startsWith(`${restRoot}/`) ? (validation.match({ method, path })?.id ?? null) : null;
}

/** It is answered truly, were it late. */
function isHold({ status, cut }: Fault): boolean {
  return status === undefined && !cut;
}

/** A test may mean the path with or without `/api/v3`. @returns null for a request that was only held before its effect */
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

function send(parts: Parts, response: ServerResponse, { status, headers, body }: Answer): void {
  const asIs = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, {
    // Octokit takes the time for its tokens from here.
    date: parts.clock().toUTCString(),
    'content-type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': 'C0DE:1234:5678',
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(parts.clock().getTime() / 1000) + 3600),
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

/** What is no JSON is kept as text, for the validation to refuse. */
function parseBody(raw: Buffer): unknown {
  if (raw.length === 0) return null;
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return raw.toString('utf8');
    throw error;
  }
}
