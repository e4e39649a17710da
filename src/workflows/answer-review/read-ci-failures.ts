import { appendEvent } from '../../database/run-events.js';
import { type FailedCheck, readJobLog, readReport } from '../../github/checks.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Repository } from '../../task/task.js';
import { cleanLog, endOf } from '../../text/clean-log.js';
import { sanitizeText } from '../../text/sanitize.js';
import type { Dependencies } from '../dependencies.js';
import { findCiFailures, listNames } from './ci-failures.js';
import type { ReadFeedback } from './feedback.js';

const maxChecks = 5;
/** The maximum number of characters from one check's log. The end of a log usually shows the failure. */
const maxOfOne = 20_000;
/** The maximum number of characters from all logs together. */
const maxOfAll = 50_000;

/**
 * Reads the failed checks of the bot's commit, with the end of each log, as feedback for the agent.
 * @throws RunEndedError when no check fails now, or when all failed checks also fail on the base branch
 */
export async function readCiFailures(d: Dependencies, run: Run, headSha: string): Promise<ReadFeedback> {
  const { repository, issue } = run.trigger;
  const { ours, onBase } = await findCiFailures(d, repository, issue.number, headSha);
  if (ours.length === 0) {
    const reason =
      onBase.length > 0
        ? `The failing checks also fail on the base branch: ${listNames(onBase)}.`
        : 'No check fails now, or the checks are running again.';
    throw new RunEndedError({ kind: 'stopped', reason, superseded: true });
  }
  const shown = ours.slice(0, maxChecks);
  const room = Math.min(maxOfOne, Math.floor(maxOfAll / shown.length));
  const hidden = new Set<string>();
  const described: string[] = [];
  /** Cleans a text before the agent sees it, because a program can print anything into a check's output. */
  const add = async (raw: string) => {
    const { text, hidden: kinds } = sanitizeText(raw, room + 1000);
    for (const kind of kinds) hidden.add(`${kind} in the output of a check`);
    described.push(await d.publisher.redact(text));
  };
  const failed: { name: string; unread: string | null }[] = [];
  for (const [index, check] of shown.entries()) {
    const conclusion = check.conclusion.replaceAll('_', ' ');
    const { text, unread } = await describeFailure(d, repository, check, room);
    await add(`Check ${index + 1}: ${check.name} (conclusion: ${conclusion})\n${text}`);
    failed.push({ name: check.name, unread });
  }
  const rest = ours.slice(maxChecks);
  if (rest.length > 0) await add(`These checks also failed: ${listNames(rest)}`);
  if (onBase.length > 0)
    await add(
      `These checks also fail on the base branch. Do not change anything for them: ${listNames(onBase)}`,
    );
  await appendEvent(d.db, run.id, {
    type: 'checks-failed',
    head: headSha,
    failed: [...failed, ...rest.map(({ name }) => ({ name, unread: null }))],
    onBase: onBase.map(({ name }) => name),
  });
  const checks = shown.map(({ name }) => name);
  const instructions = described.join('\n\n');
  return {
    value: { kind: 'ci-failure', author: null, instructions, threads: [], checks, notes: [] },
    hidden: [...hidden],
    images: [],
  };
}

/**
 * Describes one failed check with the end of its log. Without a log, uses the check's own report.
 * @returns the description in `text`. `unread` is the reason why the log could not be read. It is null if the
 * log was read or if the check has no log.
 */
async function describeFailure(
  { github, publisher }: Dependencies,
  repository: Repository,
  check: FailedCheck,
  room: number,
): Promise<{ text: string; unread: string | null }> {
  const log = check.hasLog ? await readJobLog(github, repository, check) : { unread: null };
  if ('text' in log) {
    const text = await publisher.redact(cleanLog(log.text).slice(-2 * room));
    return { text: `The end of its log:\n${fence(endOf(text, room))}`, unread: null };
  }
  const report = (await readReport(github, repository, check)) || 'The check does not report why it failed.';
  const lines = [log.unread ? `The log could not be read: ${log.unread}.` : '', report];
  return { text: lines.filter(Boolean).join('\n'), unread: log.unread };
}

/**
 * Puts a log into a Markdown code fence. Inside a fence, `sanitizeText` removes only invisible characters,
 * because GitHub shows everything else there to people.
 */
function fence(log: string): string {
  const longest = (log.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const mark = '`'.repeat(longest + 1);
  return `${mark}\n${log}\n${mark}`;
}
