import { runTool } from './find-tools.js';

/** Builds archives with the given files, which do not change from call to call. Needs Python. */
export async function buildArchives(
  kind: 'zip' | 'tar.gz',
  archives: readonly Record<string, string>[],
): Promise<Buffer[]> {
  if (archives.length === 0) return [];
  const built = await runTool('python3', ['-c', program, kind], { stdin: JSON.stringify(archives) });
  return (JSON.parse(built) as string[]).map((one) => Buffer.from(one, 'base64'));
}

const program = `
import base64, gzip, io, json, sys, tarfile, zipfile

def build(files):
    buffer = io.BytesIO()
    if sys.argv[1] == 'zip':
        with zipfile.ZipFile(buffer, 'w') as archive:
            for path, content in files.items():
                archive.writestr(zipfile.ZipInfo(path), content)
    else:
        with gzip.GzipFile(fileobj=buffer, mode='wb', mtime=0) as packed, tarfile.open(fileobj=packed, mode='w') as archive:
            for path, content in files.items():
                entry = tarfile.TarInfo(path)
                entry.size = len(content.encode())
                archive.addfile(entry, io.BytesIO(content.encode()))
    return base64.b64encode(buffer.getvalue()).decode()

print(json.dumps([build(one) for one in json.load(sys.stdin)]))
`;
