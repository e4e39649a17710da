import type http from 'node:http';
import { crc32 } from 'node:zlib';
import aws4 from 'aws4';
import type { ReceivedRequest } from '../stub-server.js';
import { toolCallEvents } from './tool-call.js';

export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Signs the request again, with a library that the SDK does not use, and compares the signatures. */
export function isSigned({ method, path, headers, text }: ReceivedRequest, region: string, key: AwsKey) {
  const given = headers.authorization ?? '';
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(';') ?? [];
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  // Whoever changes one of these on the way must break the signature.
  const required = [
    'host',
    'x-amz-date',
    'x-amz-content-sha256',
    ...(sessionToken ? ['x-amz-security-token'] : []),
  ];
  if (!required.every((name) => names.includes(name))) return false;
  if (headers['x-amz-security-token'] !== sessionToken) return false;
  const again = {
    ...{ service: 'bedrock', region, method, path, body: text },
    headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
    // The library would add this header, which the SDK does not sign.
    extraHeadersToIgnore: { 'content-length': true },
  };
  const signed = aws4.sign(again, { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  return signed.headers?.Authorization === given;
}

/** Encodes a message of an AWS event stream: lengths, checksum, headers, payload, checksum. */
function encodeMessage(headers: Record<string, string>, payload: string): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const [key, text] = [Buffer.from(name), Buffer.from(value)];
      const typeAndLength = Buffer.from([7, text.length >> 8, text.length & 0xff]);
      return Buffer.concat([Buffer.from([key.length]), key, typeAndLength, text]);
    }),
  );
  const body = Buffer.from(payload);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(12 + head.length + body.length + 4, 0);
  lengths.writeUInt32BE(head.length, 4);
  const checked = Buffer.concat([lengths, checksum(lengths), head, body]);
  return Buffer.concat([checked, checksum(checked)]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}

export function encodeChunk(event: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
  return encodeMessage(
    { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
    // Bedrock pads its messages, so that their sizes reveal nothing.
    JSON.stringify({ bytes, p: 'abcdefgh' }),
  );
}

export function encodeException(type: string, message: string): Buffer {
  return encodeMessage(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify({ message }),
  );
}

export function openEventStream(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
}

/** Streams the reply as an AWS event stream. Its pieces end in the middle of messages. */
export function sendToolCallOfBedrock(response: http.ServerResponse): void {
  openEventStream(response);
  const bytes = Buffer.concat(toolCallEvents.map(encodeChunk));
  for (let at = 0; at < bytes.length; at += 301) response.write(bytes.subarray(at, at + 301));
  response.end();
}

/** Sends an error as Bedrock does: without a type in the body. */
export function refuse(response: http.ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}
