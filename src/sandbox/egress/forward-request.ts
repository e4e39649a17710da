import http from 'node:http';
import type net from 'node:net';
import { pipeline } from 'node:stream';

/** Sends a read-only request to its host and the answer back to the client. */
export function forwardRequest(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  url: URL,
  upstream: net.Socket,
): void {
  // The upstream connection serves a single request. The client's connection may live on for the next one.
  response.once('close', () => upstream.destroy());
  const forwarded = http.request(
    {
      createConnection: () => upstream,
      method: request.method,
      path: url.pathname + url.search,
      // The request goes to the host that was checked, even if the client's header names another one.
      headers: { ...withoutBodyHeaders(withoutHopHeaders(request.headers)), host: url.host },
    },
    (answer) => {
      try {
        response.writeHead(answer.statusCode ?? 502, withoutHopHeaders(answer.headers));
      } catch {
        // HTTP has no way to pass on an invalid answer, such as a status of 099.
        response.destroy();
        return;
      }
      // When one connection breaks, pipeline ends the other one, so nobody can receive the error.
      pipeline(answer, response, () => {});
    },
  );
  request.resume();
  // Upstream may close without an answer, and a request for another protocol (101) is not an answer.
  const breakOff = () => {
    if (!response.headersSent) response.destroy();
  };
  forwarded.on('error', breakOff).once('close', breakOff).end();
}

/** Drops the headers that concern a single connection (RFC 9110, 7.6.1). The proxy has two. */
function withoutHopHeaders(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const {
    connection: _,
    'keep-alive': _1,
    'proxy-connection': _2,
    'proxy-authenticate': _3,
    'proxy-authorization': _4,
    te: _5,
    trailer: _6,
    'transfer-encoding': _7,
    upgrade: _8,
    ...rest
  } = headers;
  return rest;
}

/** Drops the headers that announce a body. A read-only request is sent without one. */
function withoutBodyHeaders(headers: http.OutgoingHttpHeaders): http.OutgoingHttpHeaders {
  const { 'content-length': _, expect: _1, ...rest } = headers;
  return rest;
}
