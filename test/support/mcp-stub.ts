import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server on the network, which speaks MCP over HTTP (`/mcp`) and over server-sent events (`/sse`). */
export interface McpStub {
  url: string;
  /** Each request that it accepted: method and path. */
  accepted: string[];
  stop(): Promise<void>;
}

interface Message {
  id?: number;
  method: string;
  params?: { name?: string; protocolVersion?: string };
}

const tools = ['whoami', 'refuse', 'hang'].map((name) => ({
  name,
  description: `The tool ${name}.`,
  inputSchema: { type: 'object', properties: {} },
}));

/** @param token requests without this bearer token are answered with 401 */
export async function startMcpStub(token: string): Promise<McpStub> {
  const accepted: string[] = [];
  let stream: http.ServerResponse | null = null;
  const server = http.createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    if (path === '/moved') return response.writeHead(307, { location: '/mcp' }).end();
    if (headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
    accepted.push(`${method} ${path}`);
    if (path === '/sse' && method === 'GET') {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return response.write('event: endpoint\ndata: /messages\n\n');
    }
    if (method !== 'POST') return response.writeHead(method === 'DELETE' ? 200 : 405).end();
    const message = JSON.parse(await text(request)) as Message;
    if (message.id === undefined) return response.writeHead(202).end();
    const answer = answerTo(message, headers.authorization);
    if (!answer) return;
    const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer });
    if (path !== '/messages') return response.setHeader('content-type', 'application/json').end(body);
    response.writeHead(202).end();
    stream?.write(`event: message\ndata: ${body}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns null for a call that gets no answer */
function answerTo({ method, params }: Message, authorization: string): object | null {
  const result = (content: string, isError = false) => ({
    result: { content: [{ type: 'text', text: content }], isError },
  });
  switch (method === 'tools/call' ? params?.name : method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'stub', version: '1' },
        },
      };
    case 'tools/list':
      return { result: { tools } };
    case 'whoami':
      return result(`You sent "${authorization}".`);
    case 'refuse':
      return result('This does not work.', true);
    case 'hang':
      return null;
    default:
      return { error: { code: -32601, message: 'Method not found' } };
  }
}
