import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

/** A package that the index has. */
export interface IndexPackage {
  name: string;
  version: string;
  /** Lines of its metadata, such as `License: MIT`. `{files}` becomes the URL of all files. */
  metadata?: string[];
  /** The name in its metadata, if it differs from the name in the index. */
  statedName?: string;
  files?: Record<string, string>;
  /** The content of setup.py of a package that is there as source code. The default is a wheel. */
  setup?: string;
}

export interface PythonIndex {
  /** Begins with `http://localhost:`, because the proxy connects to no IP address. */
  url: string;
  port: number;
  /** The methods and paths of all requests, such as `GET /simple/shout/`. */
  requests: string[];
  /** Returns the hash that a requirements file gives for a file of the index. */
  hashOf(file: string): string;
  stop(): Promise<void>;
}

/** The Python of a sandbox, which sees nothing of the machine but this folder. */
const python = '/usr/bin/python3';

/** Returns why a test cannot use pip on this machine; null if it can. */
export async function explainMissingPip(): Promise<string | null> {
  const program = 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 9))';
  return promisify(execFile)(python, ['-c', program]).then(
    () => null,
    (error: Error) => `there is no Python 3.9 or newer with pip and venv: ${error.message.split('\n')[0]}`,
  );
}

/** Starts a package index as in PEP 503. It refuses everything but reading a package. */
export async function startPythonIndex(packages: readonly IndexPackage[]): Promise<PythonIndex> {
  const requests: string[] = [];
  const answers = new Map<string, Buffer>();
  const hashes = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    requests.push(`${request.method} ${url}`);
    const found = request.method === 'GET' ? answers.get(url) : undefined;
    const type = url.startsWith('/simple/') ? 'text/html' : 'application/octet-stream';
    response.writeHead(found ? 200 : 404, { 'content-type': type }).end(found ?? 'Not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const archives = await build(packages, `http://localhost:${port}/files`);
  for (const [index, { file, content }] of archives.entries()) {
    const name = packages[index]?.name.replaceAll('_', '-') ?? '';
    const hash = createHash('sha256').update(content).digest('hex');
    hashes.set(file, `sha256:${hash}`);
    answers.set(`/files/${file}`, content);
    const page = answers.get(`/simple/${name}/`)?.toString() ?? '';
    answers.set(
      `/simple/${name}/`,
      Buffer.from(`${page}<a href="../../files/${file}#sha256=${hash}">${file}</a>\n`),
    );
  }
  return {
    url: `http://localhost:${port}/simple/`,
    port,
    requests,
    hashOf: (file) => hashes.get(file) ?? '',
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function build(
  packages: readonly IndexPackage[],
  filesUrl: string,
): Promise<{ file: string; content: Buffer }[]> {
  const running = promisify(execFile)(python, ['-c', buildProgram], { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(JSON.stringify(packages).replaceAll('{files}', filesUrl));
  const { stdout } = await running;
  const built = JSON.parse(stdout) as { file: string; content: string }[];
  return built.map(({ file, content }) => ({ file, content: Buffer.from(content, 'base64') }));
}

const buildProgram = String.raw`
import base64, io, json, sys, tarfile, zipfile

def build(one):
    name, version, buffer = one['name'], one['version'], io.BytesIO()
    stated = one.get('statedName', name)
    metadata = '\n'.join(['Metadata-Version: 2.1', f'Name: {stated}', f'Version: {version}', *one.get('metadata', []), ''])
    if 'setup' in one:
        file = f'{name}-{version}.tar.gz'
        files = {f'{name}-{version}/setup.py': one['setup'], f'{name}-{version}/PKG-INFO': metadata}
        with tarfile.open(fileobj=buffer, mode='w:gz') as archive:
            for path, content in files.items():
                entry = tarfile.TarInfo(path)
                entry.size = len(content.encode())
                archive.addfile(entry, io.BytesIO(content.encode()))
    else:
        file = f'{name}-{version}-py3-none-any.whl'
        info = f'{name}-{version}.dist-info'
        wheel = 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
        files = {**one.get('files', {}), f'{info}/METADATA': metadata, f'{info}/WHEEL': wheel}
        record = ''.join(f'{path},,\n' for path in [*files, f'{info}/RECORD'])
        with zipfile.ZipFile(buffer, 'w') as archive:
            for path, content in {**files, f'{info}/RECORD': record}.items():
                archive.writestr(path, content)
    return {'file': file, 'content': base64.b64encode(buffer.getvalue()).decode()}

print(json.dumps([build(one) for one in json.load(sys.stdin)]))
`;
