import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from './temporary-folder.js';

/** A package that the registry has. Its package.json is made from the first fields. */
export interface RegistryPackage {
  name: string;
  version: string;
  /** Further fields of its package.json. */
  manifest?: Record<string, unknown>;
  files: Record<string, string>;
}

export interface NpmRegistry {
  /** Begins with `http://localhost:`, because the proxy connects to no IP address. */
  url: string;
  port: number;
  /** The methods and paths of all requests, such as `GET /bytes`. */
  requests: string[];
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** Starts a registry that answers npm as the public one does. It refuses everything but reading a package. */
export async function startNpmRegistry(packages: readonly RegistryPackage[]): Promise<NpmRegistry> {
  const folder = await createTemporaryFolder();
  const requests: string[] = [];
  const documents = new Map<string, string>();
  const archives = new Map<string, Buffer>();
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    requests.push(`${request.method} ${url}`);
    const found = request.method === 'GET' ? (documents.get(url) ?? archives.get(url)) : undefined;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ?? JSON.stringify({ error: 'Not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}/`;
  for (const one of packages) {
    const manifest = { name: one.name, version: one.version, ...one.manifest };
    const archive = await pack(folder.path, { 'package.json': JSON.stringify(manifest), ...one.files });
    const file = `/${one.name}/-/${path.basename(one.name)}-${one.version}.tgz`;
    archives.set(file, archive);
    const { scripts } = manifest as { scripts?: Record<string, string> };
    const version = {
      ...manifest,
      ...(scripts?.postinstall && { hasInstallScript: true }),
      dist: {
        tarball: `${url.slice(0, -1)}${file}`,
        shasum: createHash('sha1').update(archive).digest('hex'),
        integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
      },
    };
    const earlier = JSON.parse(documents.get(`/${one.name}`) ?? '{"versions":{}}') as {
      versions: Record<string, unknown>;
    };
    const versions = { ...earlier.versions, [one.version]: version };
    const document = { name: one.name, 'dist-tags': { latest: one.version }, versions };
    documents.set(`/${one.name}`, JSON.stringify(document));
  }
  return {
    url,
    port,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await folder.remove();
    },
  };
}

async function pack(folder: string, files: Record<string, string>): Promise<Buffer> {
  const root = path.join(folder, 'package');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  await run('tar', ['-czf', 'package.tgz', 'package'], { cwd: folder });
  await rm(root, { recursive: true });
  return readFile(path.join(folder, 'package.tgz'));
}
