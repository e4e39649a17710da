import path from 'node:path';
import type { Finding } from '../evidence.js';
import { findRunnerChanges } from './find-runner-changes.js';
import { mark, notTheSame } from './findings.js';

/** Scripts that a package manager runs by itself when someone installs. */
const installScripts: Record<string, RegExp> = {
  'package.json':
    /^(?:(?:pre|post)?install|(?:pre|post)?prepare|prepublish|prepack|dependencies|pnpm:devPreinstall)$/,
  'composer.json': /^(?:pre|post)-/,
};

export function isManifest(file: string): boolean {
  return path.posix.basename(file) in installScripts;
}

/** What a change to a package's manifest does to what is run when it is installed or tested. */
export function checkManifest(file: string, beforeBytes: Buffer | null, afterBytes: Buffer): Finding[] {
  const name = path.posix.basename(file);
  const after = readManifest(afterBytes);
  const before = beforeBytes ? readManifest(beforeBytes) : {};
  const scripts = (manifest: Manifest) => (manifest.scripts ?? {}) as Record<string, unknown>;
  const installing = Object.keys(scripts(after))
    .filter((script) => installScripts[name]?.test(script))
    .filter((script) => JSON.stringify(scripts(after)[script]) !== JSON.stringify(scripts(before)[script]))
    .map((script) =>
      mark('install-script', file, `changes the script ${script}, which runs when someone installs`),
    );
  if (name !== 'package.json') return installing;
  const testing = findRunnerChanges(before, after).map((what) =>
    mark('test-runner', file, `changes ${what}, and so how the tests are run: ${notTheSame}`),
  );
  return [...installing, ...testing];
}

type Manifest = Record<string, unknown>;

function readManifest(bytes: Buffer): Manifest {
  try {
    const manifest: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null ? (manifest as Manifest) : {};
  } catch (error) {
    // A manifest that is no JSON runs no scripts; the tests will say so.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
