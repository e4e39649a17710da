import { type NodeProgram, type Runner, reportsPath } from '../runner.js';

/** Node loads this into each of its processes. */
export const preload = 'preload.cjs';

export const nodeEnvironment = { NODE_OPTIONS: `--require ${reportsPath}/${preload}` };

/** What `programs.json` tells the preload. */
export function describePrograms(runners: readonly Runner[]): string {
  const programs = runners.flatMap(({ report }) => (report?.through === 'node' ? report.programs : []));
  const describe = (_key: string, value: unknown) => (value instanceof RegExp ? value.source : value);
  return JSON.stringify(programs satisfies NodeProgram[], describe);
}

/** A script that sets NODE_OPTIONS drops ours. There, a `node` in front of the real one sets it again. */
export const keepNodeOptions = `if grep -qs 'NODE_OPTIONS' package.json */package.json packages/*/package.json Makefile; then
  printf '#!/bin/sh\\nexec %s --require ${reportsPath}/${preload} "$@"\\n' "$(command -v node)" > ${reportsPath}/bin/node
  chmod +x ${reportsPath}/bin/node
  export PATH="${reportsPath}/bin:$PATH"
fi`;
