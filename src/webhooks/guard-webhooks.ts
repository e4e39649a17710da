import type { IncomingMessage, ServerResponse } from 'node:http';

type Middleware = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Returns whether a body matches the signature in its `X-Hub-Signature-256` header. */
type Verify = (body: string, signature: string) => Promise<boolean>;

const megabyte = 1024 * 1024;
const usual = {
  /** GitHub's own limit for the size of a delivery. */
  maxBodyBytes: 25 * megabyte,
  /** The maximum number of bytes of unverified bodies in memory at one time, for all senders together. */
  maxHeldBytes: 100 * megabyte,
  bodyTimeoutMs: 20_000,
};

/**
 * Creates middleware that runs before Probot's webhook route. It limits the size of each body, the time to
 * receive it, and the memory for all bodies together. It checks the signature before Probot parses or logs
 * the body. Probot has no limits of its own, and logs the bodies that it refuses.
 */
export function guardWebhooks(
  path: string,
  verify: Verify,
  next: Middleware,
  { maxBodyBytes, maxHeldBytes, bodyTimeoutMs } = usual,
): Middleware {
  let held = 0;
  return async (request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0]?.replace(/\/+$/, '') !== path)
      return next(request, response);
    const refuse = (status: number, error: string) => {
      // The connection ends with the response, so the rest of a refused body is never read.
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ error }), () => request.destroy());
      return true;
    };
    const signature = request.headers['x-hub-signature-256'];
    if (typeof signature !== 'string' || !/^sha256=[0-9a-f]{64}$/.test(signature))
      return refuse(401, 'X-Hub-Signature-256: expected sha256= and 64 hexadecimal digits');
    if (request.headers['content-encoding']) return refuse(415, 'Content-Encoding: expected none');
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes)
      return refuse(413, `body: expected at most ${maxBodyBytes} bytes`);

    let size = 0;
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => request.destroy(new Error('webhook body too slow')), bodyTimeoutMs);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        held += chunk.length;
        if (size > maxBodyBytes) return refuse(413, `body: expected at most ${maxBodyBytes} bytes`);
        if (held > maxHeldBytes) return refuse(503, 'too many large bodies at once; try again later');
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks).toString('utf8');
      // Refuse an empty body here, because the signature check and Probot do not accept one.
      if (body === '') return refuse(400, 'body: expected JSON; found nothing');
      if (!(await verify(body, signature))) return refuse(401, 'signature does not match the body');
      // The stream has already been read. octokit/webhooks uses the field `body` instead, if it exists.
      return next(Object.assign(request, { body }), response);
    } catch (error) {
      // An incomplete body means that the sender disconnected or was too slow. Nobody waits for a response.
      if (!request.complete) return true;
      throw error;
    } finally {
      clearTimeout(timer);
      held -= size;
    }
  };
}
