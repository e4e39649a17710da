// A hook for loading modules. It replaces the function `startVitest` of Vitest's library. The function that
// wraps it is in vitest-api.cjs, because hooks run in a thread of their own.

export async function load(url, context, next) {
  if (!/\/node_modules\/vitest\/dist\/node\.js$/.test(url)) return next(url, context);
  const original = JSON.stringify(`${url}?original`);
  const source = `import { startVitest as start } from ${original};
export * from ${original};
export const startVitest = process.pullwrightVitest(start);`;
  return { format: 'module', source, shortCircuit: true };
}
