import http from 'node:http';
import type net from 'node:net';
import { pipeline } from 'node:stream';

/** Sends a GET or HEAD request to its host, and sends the response back to the client. */
export function forwardRequest(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  url: URL,
  upstream: net.Socket,
): void {
  // Each upstream connection serves one request. The client's connection can stay open for more requests.
  response.once('close', () => upstream.destroy());
  const forwarded = http.request(
    {
      createConnection: () => upstream,
      method: request.method,
      path: url.pathname + url.search,
      // The Host header names the host that the proxy has checked. The client's own header may name another
      // host.
      headers: { ...withoutBodyHeaders(withoutHopHeaders(request.headers)), host: url.host },
    },
    (answer) => {
      try {
        response.writeHead(answer.statusCode ?? 502, withoutHopHeaders(answer.headers));
      } catch {
        // Node cannot send an invalid response, for example one with status 099. The client's connection is
        // closed instead.
        response.destroy();
        return;
      }
      // If one connection breaks, `pipeline` closes the other one. Nobody is left to receive the error.
      pipeline(answer, response, () => {});
    },
  );
  request.resume();
  // The remote host may close the connection before it responds, or respond with status 101 (switch to
  // another protocol). In both cases, the callback above is not called, so the client's connection is closed
  // here.
  const breakOff = () => {
    if (!response.headersSent) response.destroy();
  };
  forwarded.on('error', breakOff).once('close', breakOff).end();
}

/**
 * Removes headers that apply to a single connection (RFC 9110, 7.6.1). Client and host have separate
 * connections to the proxy.
 */
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

/** Removes headers that announce a body, because the proxy never forwards a request body. */
function withoutBodyHeaders(headers: http.OutgoingHttpHeaders): http.OutgoingHttpHeaders {
  const { 'content-length': _, expect: _1, ...rest } = headers;
  return rest;
}
