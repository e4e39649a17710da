import { createHash } from 'node:crypto';
import { runTool } from './find-tools.js';
import { type FileServer, serveFiles } from './serve-files.js';

/** A package that the repository has. */
export interface TestPackage {
  /** Such as `acme/shout`. */
  name: string;
  version: string;
  /** Further fields of its composer.json. */
  manifest?: Record<string, unknown>;
  files?: Record<string, string>;
}

/** Starts a repository of PHP packages that answers Composer as packagist.org does. */
export function startComposerRepository(packages: readonly TestPackage[]): Promise<FileServer> {
  return serveFiles(async (url) => {
    const archives = packages.map(({ name, version, manifest, files }) => ({
      'composer.json': JSON.stringify({ name, version, ...manifest }),
      ...files,
    }));
    const built = JSON.parse(
      await runTool('php', ['-r', zipProgram], { stdin: JSON.stringify(archives) }),
    ) as string[];
    const answers = new Map<string, string | Buffer>();
    const versions = new Map<string, object[]>();
    for (const [index, { name, version, manifest }] of packages.entries()) {
      const content = Buffer.from(built[index] ?? '', 'base64');
      const reference = createHash('sha1').update(content).digest('hex');
      answers.set(`/dist/${name}/${reference}.zip`, content);
      const dist = { type: 'zip', url: `${url}dist/${name}/${reference}.zip`, reference, shasum: '' };
      versions.set(name, [...(versions.get(name) ?? []), { name, version, ...manifest, dist }]);
    }
    for (const [name, list] of versions)
      answers.set(`/p2/${name}.json`, JSON.stringify({ packages: { [name]: list } }));
    answers.set('/packages.json', JSON.stringify({ packages: [], 'metadata-url': '/p2/%package%.json' }));
    return answers;
  });
}

const zipProgram = `
echo json_encode(array_map(function ($files) {
    $path = tempnam(sys_get_temp_dir(), 'zip');
    $zip = new ZipArchive();
    $zip->open($path, ZipArchive::OVERWRITE);
    foreach ($files as $file => $text) $zip->addFromString('package/' . $file, $text);
    $zip->close();
    $content = base64_encode(file_get_contents($path));
    unlink($path);
    return $content;
}, json_decode(stream_get_contents(STDIN), true)));
`;
