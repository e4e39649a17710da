import { settingsPath } from '../task/settings.js';
import type { SetupExecution, SetupResult } from '../workspace/workspace.js';
import { describeEnding } from './describe-ending.js';
import { indent } from './indent.js';

/** Says which setup command failed, why, and what people can do. */
export function describeSetupFailure(setup: SetupResult): string {
  const refusedHosts = listRefusedHosts(setup);
  const failed = setup.executions.find(({ exitCode, replacedFor }) => exitCode !== 0 && !replacedFor);
  const noNetwork =
    "Setup has no network here, because of the server's EGRESS or EGRESS_DENIED_REPOSITORIES, or the repository's `egress: none`.";
  const hints = [...(setup.network ? [] : [noNetwork]), ...describeEgress(refusedHosts, setup.notGranted)];
  const tail = failed?.output.trim().slice(-1500) ?? '';
  return [
    `The dependencies could not be installed: ${failed ? describeCommand(failed) : 'no command ran'}.`,
    ...hints,
    "The command's output ends with:",
    indent(tail),
    `Set another command with \`setup\` in ${settingsPath}.`,
  ].join('\n\n');
}

/** Tells the readers of the evidence which setup commands failed, one sentence each. */
export function noteFailures({ executions }: SetupResult): string[] {
  return executions.flatMap((one, index) => {
    if (one.exitCode === 0) return [];
    const other = `Setup ran "${executions[index + 1]?.script}"`;
    if (one.replacedFor === 'host')
      return `${other}, without scripts of packages, because ${describeCommand(one)} and could not reach a host.`;
    if (one.replacedFor === 'version')
      return `${other}, without the lockfile, because ${describeCommand(one)}: the registry lacks a version that the lockfile names.`;
    if (one.replacedFor === 'package')
      return `${other}, without a package, because ${describeCommand(one)}: the registry lacks the package or its version. Tests that need it fail.`;
    if (one.replacedFor === 'lockfile')
      return `${other}, because ${describeCommand(one)}: the lockfile does not fit package.json.`;
    return `Setup failed in part: ${describeCommand(one)}. The tests ran with what was there.`;
  });
}

/** Lists the hosts that setup was not allowed to reach, with the packages that asked for them. */
export function listRefusedHosts({ executions }: SetupResult): string[] {
  const lines = executions.flatMap(({ refusedHosts, askers }) =>
    refusedHosts.map((host) => (askers[host] ? `${host} (asked for by ${askers[host]})` : host)),
  );
  return [...new Set(lines)];
}

function describeCommand({ script, ended, exitCode }: SetupExecution): string {
  const end =
    ended === 'exited' ? `ended with exit code ${exitCode}` : `did not finish (${describeEnding(ended)})`;
  return `"${script}" ${end}`;
}

/** Lists the hosts that setup was not allowed to reach, and says who can allow them. */
export function describeEgress(refusedHosts: readonly string[], notGranted: readonly string[]): string[] {
  const lines: string[] = [];
  if (refusedHosts.length > 0)
    lines.push(
      `Setup tried to reach these hosts and was refused: ${refusedHosts.join(', ')}. The server's EGRESS_ALLOW can allow a host, for all repositories or for this one.`,
    );
  if (notGranted.length > 0)
    lines.push(
      `\`egress\` in ${settingsPath} asks for ${notGranted.join(', ')}, which this server does not let repositories request (EGRESS_REQUESTABLE).`,
    );
  return lines;
}
