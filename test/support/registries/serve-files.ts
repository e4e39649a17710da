import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A package registry that consists of files. It refuses everything but reading one. */
export interface FileServer {
  /** Begins with `http://localhost:` and ends with `/`, because the proxy connects to no IP address. */
  url: string;
  port: number;
  /** The methods and paths of all requests, such as `GET /versions`. */
  requests: string[];
  stop(): Promise<void>;
}

/** @param createFiles gets the server's URL, and returns the content of each path, such as `/versions` */
export async function serveFiles(
  createFiles: (url: string) => Promise<ReadonlyMap<string, string | Buffer>>,
): Promise<FileServer> {
  const requests: string[] = [];
  let files: ReadonlyMap<string, string | Buffer> = new Map();
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    requests.push(`${request.method} ${url}`);
    const found = request.method === 'GET' ? files.get(url) : undefined;
    // Bundler compares the content with its ETag.
    const etag = `"${createHash('md5')
      .update(found ?? '')
      .digest('hex')}"`;
    response.writeHead(found === undefined ? 404 : 200, { etag }).end(found ?? 'Not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}/`;
  files = await createFiles(url);
  return {
    url,
    port,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
