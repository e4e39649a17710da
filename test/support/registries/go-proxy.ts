import { buildArchives } from './build-archives.js';
import { type FileServer, serveFiles } from './serve-files.js';

/** A module that the proxy has. */
export interface TestModule {
  path: string;
  version: string;
  /** Lines of its go.mod after the path. */
  goMod?: string;
  files: Record<string, string>;
}

/** Starts a proxy for Go modules, as `go help goproxy` describes it. */
export function startGoProxy(modules: readonly TestModule[]): Promise<FileServer> {
  const goModOf = ({ path, goMod = 'go 1.17\n' }: TestModule) => `module ${path}\n\n${goMod}`;
  return serveFiles(async () => {
    const files = new Map<string, string | Buffer>();
    const archives = await buildArchives(
      'zip',
      modules.map((one) =>
        Object.fromEntries(
          Object.entries({ 'go.mod': goModOf(one), ...one.files }).map(([name, content]) => [
            `${one.path}@${one.version}/${name}`,
            content,
          ]),
        ),
      ),
    );
    for (const [index, one] of modules.entries()) {
      const folder = `/${one.path}/@v`;
      files.set(`${folder}/list`, `${files.get(`${folder}/list`) ?? ''}${one.version}\n`);
      files.set(`${folder}/${one.version}.info`, JSON.stringify({ Version: one.version }));
      files.set(`${folder}/${one.version}.mod`, goModOf(one));
      files.set(`${folder}/${one.version}.zip`, archives[index] ?? '');
    }
    return files;
  });
}
