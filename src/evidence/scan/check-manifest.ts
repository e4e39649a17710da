import path from 'node:path';
import type { Finding } from '../evidence.js';
import { findRunnerChanges } from './find-runner-changes.js';
import { mark, notComparable } from './findings.js';

/** Names of scripts that a package manager runs by itself when someone installs the package. */
const installScripts: Record<string, RegExp> = {
  'package.json':
    /^(?:(?:pre|post)?install|(?:pre|post)?prepare|prepublish|prepack|dependencies|pnpm:devPreinstall)$/,
  'composer.json': /^(?:pre|post)-/,
};

export function isManifest(file: string): boolean {
  return path.posix.basename(file) in installScripts;
}

/** Finds changes to a manifest that change what runs when the package is installed or tested. */
export function checkManifest(file: string, beforeBytes: Buffer | null, afterBytes: Buffer): Finding[] {
  const name = path.posix.basename(file);
  const after = readManifest(afterBytes);
  const before = beforeBytes ? readManifest(beforeBytes) : {};
  const scripts = (manifest: Manifest) => (manifest.scripts ?? {}) as Record<string, unknown>;
  const installing = Object.keys(scripts(after))
    .filter((script) => installScripts[name]?.test(script))
    .filter((script) => JSON.stringify(scripts(after)[script]) !== JSON.stringify(scripts(before)[script]))
    .map((script) =>
      mark(
        'install-script',
        file,
        `changes the script ${script}, which runs when someone installs the package`,
      ),
    );
  if (name !== 'package.json') return installing;
  const testing = findRunnerChanges(before, after).map((what) =>
    mark('test-runner', file, `changes ${what}, which changes how the tests run: ${notComparable}`),
  );
  return [...installing, ...testing];
}

type Manifest = Record<string, unknown>;

function readManifest(bytes: Buffer): Manifest {
  try {
    const manifest: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null ? (manifest as Manifest) : {};
  } catch (error) {
    // Package managers run no scripts of a manifest that is not JSON.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
