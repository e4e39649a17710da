import type { IncomingMessage, ServerResponse } from 'node:http';

type Middleware = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Verifies a body against its `X-Hub-Signature-256`. */
type Verify = (body: string, signature: string) => Promise<boolean>;

const megabyte = 1024 * 1024;
const usual = {
  /** GitHub's own cap on deliveries. */
  maxBodyBytes: 25 * megabyte,
  /** Bytes of unverified bodies held at once, whoever sends them. */
  maxHeldBytes: 100 * megabyte,
  bodyTimeoutMs: 20_000,
};

/**
 * Stands in front of Probot's webhook route: a body is read whole, bounded in size, time and together, and
 * its signature is checked before Probot parses or logs any of it. (Probot itself has no cap and logs bodies
 * that it refuses.)
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
      // The rest of a refused body is not read: the connection ends with the answer.
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
      // Neither the check nor what is behind it takes nothing for a body.
      if (body === '') return refuse(400, 'body: expected JSON; found nothing');
      if (!(await verify(body, signature))) return refuse(401, 'signature does not match the body');
      // octokit/webhooks takes a body that was read already from here.
      return next(Object.assign(request, { body }), response);
    } catch (error) {
      // A sender that went away, or was too slow. One whose body is here whole gets an answer in any case.
      if (!request.complete) return true;
      throw error;
    } finally {
      clearTimeout(timer);
      held -= size;
    }
  };
}
