import type http from 'node:http';
import { answerMessages, type MessagesOptions } from './answer-messages.js';
import {
  type ApiError,
  createRequestId,
  type NamedError,
  namedErrors,
  refusal,
  sendError,
} from './errors.js';
import { sendFault } from './faults.js';
import { describeModel, findModel, models } from './models.js';

/** Maximum size of a request, in bytes. */
const maxBodyBytes = 32 * 1024 * 1024;

export interface AnswerOptions extends MessagesOptions {
  apiKey: string;
  /** The error by which the API refuses every message because of the account; null if it accepts them. */
  readAccountFault: () => NamedError | null;
  /** Called with every request that is not `POST /v1/messages`. */
  recordOther: (path: string) => void;
}

/** Creates the function that answers the requests to the server. */
export function createAnswer(options: AnswerOptions) {
  const answer = answerMessages(options);
  return async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    response.setHeader('request-id', createRequestId());
    const raw = await readBody(request);
    if (raw === null) return sendError(response, namedErrors['too-large']);
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const unauthorized = checkHeaders(request, options.apiKey);
    if (path !== '/v1/messages') options.recordOther(path);
    if (unauthorized) return sendError(response, unauthorized);
    const route = `${request.method} ${path}`;
    if (/^GET \/v1\/models(\/[^/]+)?$/.test(route)) {
      if (sendFault(response, options.faults.take('models'))) return;
      return answerModels(response, path.split('/')[3]);
    }
    if (route !== 'POST /v1/messages' && route !== 'POST /v1/messages/count_tokens')
      return sendError(response, { status: 404, message: 'Not found' });
    const accountFault = options.readAccountFault();
    if (accountFault) return sendError(response, namedErrors[accountFault]);
    const body = parseJson(raw);
    if (body === undefined) {
      const fault = refusal('The request body is not valid JSON');
      options.violate(fault.message);
      return sendError(response, fault);
    }
    await answer(body, request, response, path.endsWith('/count_tokens'));
  };
}

function checkHeaders({ headers }: http.IncomingMessage, apiKey: string): ApiError | null {
  const key = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
  if (key === undefined) return { status: 401, message: 'x-api-key header is required' };
  if (key !== apiKey) return namedErrors['invalid-key'];
  const version = headers['anthropic-version'];
  if (version === undefined) return { status: 400, message: 'anthropic-version: header is required' };
  if (version !== '2026-10-21' && version !== '2023-06-01')
    return { status: 400, message: `anthropic-version: "${version}" is not a valid version` };
  return null;
}

function answerModels(response: http.ServerResponse, id: string | undefined): void {
  const model = id === undefined ? undefined : findModel(decodeURIComponent(id));
  if (id !== undefined && !model) return void sendError(response, { status: 404, message: `model: ${id}` });
  const list = {
    data: models.map(describeModel),
    has_more: false,
    first_id: models[0]?.id,
    last_id: models.at(-1)?.id,
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(model ? describeModel(model) : list));
}

/** Reads the body of a request; null if it is larger than the API accepts. */
async function readBody(request: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= maxBodyBytes) chunks.push(chunk as Buffer);
  }
  return bytes > maxBodyBytes ? null : Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
