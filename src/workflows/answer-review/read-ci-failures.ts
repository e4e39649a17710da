import type { Run } from '../../database/run-store.js';
import { type FailedCheck, readReport } from '../../github/failed-checks.js';
import { readJobLog } from '../../github/read-job-log.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Feedback, Repository } from '../../task/task.js';
import { cleanLog, endOf } from '../../text/clean-log.js';
import { sanitiseText } from '../../text/old/sanitise-text.js';
import type { Dependencies } from '../implement-issue/steps.js';
import { namesOf, readFailures } from './judge-ci-failure.js';

type Parts = Pick<Dependencies, 'github' | 'control' | 'config' | 'store' | 'publisher'>;

const maxChecks = 5;
/** Of one check, and of them all: a hundred lines say what failed, or nothing does. */
const maxOfOne = 20_000;
const maxOfAll = 50_000;

/**
 * What failed on the bot's commit, with the end of each log, for the agent.
 * @throws RunEnded when nothing fails any more that the change could have broken
 */
export async function readCiFailures(
  run: Run,
  headSha: string,
  parts: Parts,
): Promise<{ value: Feedback; hidden: string[] }> {
  const { repository, issue } = run.trigger;
  const { ours, onBase } = await readFailures(repository, issue.number, headSha, parts);
  if (ours.length === 0)
    throw new RunEndedError({
      kind: 'stopped',
      superseded: true,
      reason:
        onBase.length > 0
          ? `what fails, fails on the base branch too: ${namesOf(onBase)}`
          : 'none of the checks fails any more, or they are being run again',
    });
  const hidden = new Set<string>();
  const failed: { name: string; unread: string | null }[] = [];
  const described: string[] = [];
  const shown = ours.slice(0, maxChecks);
  const room = Math.min(maxOfOne, Math.floor(maxOfAll / shown.length));
  /** Logs hold what programs printed, and those print anything: what is cut was looked through before. */
  const clean = async (raw: string) => {
    const { text, hidden: kinds } = sanitiseText(raw, room + 1000);
    for (const kind of kinds) hidden.add(`${kind} in the output of a check`);
    return parts.publisher.redact(text);
  };
  for (const [index, check] of shown.entries()) {
    const { text, unread } = await describe(repository, check, room, parts);
    described.push(
      await clean(`Check ${index + 1}: ${check.name}, ended with ${check.conclusion}.\n${text}`),
    );
    failed.push({ name: check.name, unread });
  }
  const rest = ours.slice(maxChecks);
  if (rest.length > 0) described.push(await clean(`Failed as well: ${namesOf(rest)}`));
  if (onBase.length > 0)
    described.push(await clean(`Failing on the base branch too, and to be left alone: ${namesOf(onBase)}`));
  await parts.store.appendEvent(run.id, {
    type: 'checks-failed',
    head: headSha,
    failed: [...failed, ...rest.map(({ name }) => ({ name, unread: null }))],
    onBase: onBase.map(({ name }) => name),
  });
  const checks = shown.map(({ name }) => name);
  return {
    value: {
      kind: 'ci-failure',
      author: null,
      instructions: described.join('\n\n'),
      threads: [],
      checks,
      notes: [],
    },
    hidden: [...hidden],
  };
}

/** @returns `unread`: why there is no log, where there should be one */
async function describe(
  repository: Repository,
  check: FailedCheck,
  room: number,
  parts: Parts,
): Promise<{ text: string; unread: string | null }> {
  const log = check.hasLog ? await readLog(repository, check, parts) : { unread: null };
  if ('text' in log) {
    const text = await parts.publisher.redact(cleanLog(log.text).slice(-2 * room));
    return { text: `The end of its log:\n${fence(endOf(text, room))}`, unread: null };
  }
  const report = await parts.github.call(
    repository,
    'read what a check says',
    (octokit) => readReport(octokit, repository, check),
    'findings',
  );
  const lines = [log.unread ? `There is no log: ${log.unread}.` : '', report || 'It says nothing of why.'];
  return { text: lines.filter(Boolean).join('\n'), unread: log.unread };
}

/** The work goes on without it. */
async function readLog(
  repository: Repository,
  check: FailedCheck,
  { github }: Parts,
): Promise<{ text: string } | { unread: string }> {
  try {
    return await github.call(
      repository,
      "read a job's log",
      (octokit) => readJobLog(octokit, repository, check),
      'logs',
    );
  } catch (error) {
    // An installation that was not granted the reading of logs.
    if (!(error instanceof RunEndedError)) throw error;
    return { unread: `${error.message}; reading logs takes the permission \`actions: read\`` };
  }
}

/** On GitHub every character of a log is shown: in a fence, only what nobody could see is taken out of it. */
function fence(log: string): string {
  const longest = (log.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const mark = '`'.repeat(longest + 1);
  return `${mark}\n${log}\n${mark}`;
}
