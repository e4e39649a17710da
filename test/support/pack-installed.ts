import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { RegistryPackage } from './npm-registry.js';

const modules = path.resolve('node_modules');

interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  [field: string]: unknown;
}

/** Returns packages of this project's own `node_modules`, with everything that they depend on. */
export function packInstalled(...names: string[]): RegistryPackage[] {
  const packed = new Map<string, RegistryPackage>();
  const add = (name: string, dependent: string) => {
    const folder = findFolder(name, dependent);
    if (packed.has(folder)) return;
    const { version, ...manifest } = JSON.parse(
      readFileSync(path.join(folder, 'package.json'), 'utf8'),
    ) as Manifest;
    const { scripts: _, devDependencies: _1, optionalDependencies: _2, ...plain } = manifest;
    packed.set(folder, { name, version, manifest: plain, files: readFiles(folder) });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) add(dependency, folder);
  };
  for (const name of names) add(name, path.dirname(modules));
  return [...packed.values()];
}

/** Finds a package as Node does, because two versions of it can be installed. */
function findFolder(name: string, dependent: string): string {
  for (let folder = dependent; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(found) || folder === path.dirname(modules)) return found;
  }
}

function readFiles(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (!/(?:^|\/)node_modules\//.test(name) && name !== 'package.json' && /\.[cm]?js(?:on)?$/.test(name))
      if (statSync(path.join(folder, name)).isFile())
        files[name] = readFileSync(path.join(folder, name), 'utf8');
  return files;
}
