import { createHash } from 'node:crypto';
import { buildArchives } from './build-archives.js';
import { type FileServer, serveFiles } from './serve-files.js';

/** A crate that the registry has. */
export interface TestCrate {
  name: string;
  version: string;
  /** Lines of the section `package` of its Cargo.toml, and further sections. */
  manifest?: string;
  /** Version ranges of other crates, by name. */
  dependencies?: Record<string, string>;
  files: Record<string, string>;
}

/** Starts a registry for crates with a sparse index. The index is below `index/`. */
export function startCrateRegistry(crates: readonly TestCrate[]): Promise<FileServer> {
  return serveFiles(async (url) => {
    const files = new Map<string, string | Buffer>();
    files.set('/index/config.json', JSON.stringify({ dl: `${url}crates/{crate}-{version}.crate` }));
    const archives = await buildArchives('tar.gz', crates.map(listFiles));
    for (const [index, { name, version, dependencies = {} }] of crates.entries()) {
      const content = archives[index] ?? Buffer.alloc(0);
      files.set(`/crates/${name}-${version}.crate`, content);
      const deps = Object.entries(dependencies).map(([needed, req]) => ({
        ...{ name: needed, req, features: [], optional: false, default_features: true },
        ...{ target: null, kind: 'normal' },
      }));
      const cksum = createHash('sha256').update(content).digest('hex');
      const line = JSON.stringify({ name, vers: version, deps, cksum, features: {}, yanked: false });
      // The index has two levels of folders for names of at least four letters.
      const entry = `/index/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
      files.set(entry, `${files.get(entry) ?? ''}${line}\n`);
    }
    return files;
  });
}

function listFiles({ name, version, manifest = '', dependencies = {}, files }: TestCrate) {
  const needs = Object.entries(dependencies).map(([needed, range]) => `${needed} = "${range}"\n`);
  const toml = `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${manifest}\n[dependencies]\n${needs.join('')}`;
  return Object.fromEntries(
    Object.entries({ 'Cargo.toml': toml, ...files }).map(([file, content]) => [
      `${name}-${version}/${file}`,
      content,
    ]),
  );
}
