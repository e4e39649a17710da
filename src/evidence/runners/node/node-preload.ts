import { type Runner, reportsPath } from '../runner.js';

/** Name of the reporter file that Node loads into each process of a test command. */
export const preload = 'preload.cjs';

export const nodeEnvironment = {
  NODE_OPTIONS: `--require ${reportsPath}/${preload}`,
  // Programs that run the tests of many packages must start every test, and not repeat the output of an
  // earlier run.
  NX_SKIP_NX_CACHE: 'true',
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  TURBO_FORCE: 'true',
  WIREIT_CACHE: 'none',
  // While the tests run, there is no network. A test that installs packages must fail at once.
  npm_config_fetch_retries: '0',
};

/** Returns the content of `programs.json`, which preload.cjs reads. */
export function describePrograms(runners: readonly Runner[]): string {
  const reports = runners.flatMap(({ report }) => (report?.through === 'node' ? report : []));
  const programs = reports.flatMap((report) => report.programs);
  const libraries = reports.flatMap((report) => report.libraries ?? []);
  const edits = reports.flatMap((report) => report.edits ?? []);
  const describe = (_key: string, value: unknown) => (value instanceof RegExp ? value.source : value);
  return JSON.stringify({ programs, libraries, edits }, describe);
}

/**
 * A script or a file such as `.env` that sets NODE_OPTIONS overrides the value that loads preload.cjs. For
 * such scripts, this shell code creates a wrapper around `node` that loads preload.cjs.
 */
export const keepNodeOptions = `if grep -qs 'NODE_OPTIONS' package.json */package.json packages/*/package.json Makefile .env .env.* .env-cmdrc*; then
  printf '#!/bin/sh\\nexec %s --require ${reportsPath}/${preload} "$@"\\n' "$(command -v node)" > ${reportsPath}/bin/node
  chmod +x ${reportsPath}/bin/node
  export PATH="${reportsPath}/bin:$PATH"
fi`;

/**
 * Makes pnpm run the tests of every package, also after those of one have failed. The option must not reach a
 * `pnpm` that runs one script, because this one would then succeed although the script fails.
 */
export const keepTesting = `if [ -f pnpm-workspace.yaml ] && real=$(command -v pnpm); then
  { printf '#!%s\\nreal=%q\\n' "$(command -v bash)" "$real"; cat <<'END'
unset npm_config_bail pnpm_config_bail
for word; do
  case $word in
    --) break;;
    -r|--recursive|-F|--filter|--filter=*) export npm_config_bail=false pnpm_config_bail=false;;
  esac
done
exec "$real" "$@"
END
  } > ${reportsPath}/bin/pnpm
  chmod +x ${reportsPath}/bin/pnpm
  export PATH="${reportsPath}/bin:$PATH"
fi`;
