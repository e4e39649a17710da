/**
 * Checks whether a reported test file belongs to a changed file. This is the case if (1) both are the same
 * file, (2) the changed file is a snapshot of the test file, or (3) the test file is built from the changed
 * file. For example, `dist/test/a.test.js` is built from `test/a.test.ts`.
 */
export function comesFrom(file: string, changed: string): boolean {
  const source = changed.replace(/__snapshots__\/([^/]+)\.snap$/, '$1');
  if (file === source) return true;
  const [built = '', ...inside] = withoutExtension(file).split('/');
  if (!/^\.?(dist|build|lib|out|output|compiled)/.test(built)) return false;
  const [, ...behindRoot] = withoutExtension(source).split('/');
  return inside.join('/') === withoutExtension(source) || inside.join('/') === behindRoot.join('/');
}

function withoutExtension(file: string): string {
  return file.replace(/\.[cm]?[jt]sx?$/, '');
}
