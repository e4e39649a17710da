import path from 'node:path';
import type { Finding } from '../evidence.js';
import { findRunnerChanges } from './find-runner-changes.js';
import { mark, notComparable } from './findings.js';

/** Names of the scripts that a package manager runs automatically when someone installs the package. */
const installScripts: Record<string, RegExp> = {
  'package.json':
    /^(?:(?:pre|post)?install|(?:pre|post)?prepare|prepublish|prepack|dependencies|pnpm:devPreinstall)$/,
  'composer.json': /^(?:pre|post)-/,
};

export function isManifest(file: string): boolean {
  return path.posix.basename(file) in installScripts;
}

/**
 * Finds the changes to a manifest that affect which commands run when someone installs or tests the package.
 */
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
        `changes the script "${script}", which runs when someone installs the package`,
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
    // A package manager runs no scripts if the manifest is not valid JSON.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
