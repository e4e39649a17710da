import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Context } from '../context.js';

/**
 * Creates the server of the storage to which GitHub redirects requests for attachments. It is a separate
 * service, like S3. It accepts only signed addresses that have not expired. It refuses a request with a
 * credential, and the request becomes a violation.
 */
export function createStorageServer(context: Context): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', context.attachments.storage);
    if (request.headers.authorization) {
      context.violations.push(`GET ${url.pathname}: the request sent a credential to the storage`);
      return refuse(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    const fault = context.attachments.checkSigned(url, context.clock());
    if (fault === 'SignatureDoesNotMatch') return refuse(response, 403, fault, 'The signature is wrong');
    if (fault) return refuse(response, 403, 'AccessDenied', fault);
    const attachment = context.attachments.find(url.pathname.slice(1));
    if (!attachment || request.method !== 'GET')
      return refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    response.writeHead(200, { 'content-type': attachment.type, 'content-length': attachment.bytes.length });
    response.end(attachment.bytes);
  });
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
