import picomatch from 'picomatch';
import { isTestPath, packageKeys, settingsFiles } from '../../src/evidence/runners/runners.js';

const options = { dot: true, nocase: true };
/** Files that decide how tests or installations run: settings of runners and package managers, packages. */
const isSettings = picomatch(
  [
    settingsFiles,
    '**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.pypirc,pip.conf,usercustomize.py,*.pth}',
    '**/{Makefile,.taprc,.c8rc*,.nycrc*,.github/pullwright.yml}',
    '**/node_modules/**',
  ],
  options,
);
const inTestFolder = picomatch('**/{test,tests,spec,specs,__tests__}/**', options);

/** Returns whether a file decides how the tests run. */
export function isControlFile(file: string): boolean {
  return isSettings(file);
}

/** Returns whether a file is a test, or a helper, fixture or snapshot of tests. */
export function isTestFile(file: string): boolean {
  return isTestPath(file) || inTestFolder(file);
}

export function isPackageFile(file: string): boolean {
  return /(^|\/)package\.json$/.test(file);
}

/**
 * Replaces the parts of a package.json that decide how scripts and tests run by those of another one.
 * @returns the text itself if these parts are the same, or if it is not a JSON object
 */
export function takeControls(text: string, reference: string): string {
  const [own, other] = [parse(text), parse(reference)];
  if (!own || !other) return text;
  const merged = { ...own };
  for (const key of ['scripts', ...packageKeys]) {
    if (key in other) merged[key] = other[key];
    else delete merged[key];
  }
  return JSON.stringify(merged) === JSON.stringify(own) ? text : `${JSON.stringify(merged, null, 2)}\n`;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // The package manager cannot read this file either, so the installation shows the fault.
    return null;
  }
}
