import type { Spend } from '../agent/work.js';
import type { Report } from '../flows/deliver-change.js';
import type { Task } from '../task/task.js';
import type { Change } from '../workspace/workspace.js';
import { cleanLine, cleanText, codeSpan, oneLine } from './clean-text.js';
import { describeEvidence } from './describe-evidence.js';

/** GitHub takes 65,536 characters; a margin for what it adds. */
const maxBody = 58_000;
const maxFiles = 30;

export interface Description {
  title: string;
  body: string;
}

/** Finds the bot's own pull request again. */
export function pullRequestMarker(issue: number): string {
  return `<!-- pullwright:issue-${issue} -->`;
}

/** The pull request's title and body: the agent's words and our measurements, told apart. */
export function describePullRequest(task: Task, report: Report, changes: readonly Change[]): Description {
  const { work, evidence, draftBecause } = report;
  const submission = work.outcome.kind === 'submitted' ? work.outcome.submission : null;
  const sections = [
    draftBecause.length > 0
      ? `> [!WARNING]\n> This is a draft. ${draftBecause.map((why) => cleanLine(why, 500)).join(' ')}`
      : '',
    `## What and why\n\n${submission ? cleanText(submission.summary, 10_000) : 'The work was ended before the agent could describe it. What is there is what it had done.'}`,
    `## How it was tested\n\nMeasured by Pullwright in fresh copies of the repository, not by the agent.\n\n${describeEvidence(evidence)}`,
    `## Changed files\n\n${listFiles(changes)}`,
    bullets('Migrations', submission?.migrations),
    bullets('Endpoints', submission?.endpoints),
    bullets('Open questions', submission?.openQuestions),
    bullets('Suggestions, not part of this change', submission?.suggestions),
    `---\n\nCloses #${task.issue.number} · asked for by ${codeSpan(task.requester.login)} · agent ${codeSpan(task.agent.name)} · ${describeSpend(work.spend)} · run ${codeSpan(task.runId)}\n\n${pullRequestMarker(task.issue.number)}`,
  ];
  const body = sections.filter(Boolean).join('\n\n');
  return {
    title: oneLine(submission?.title ?? `Unfinished: ${task.issue.title}`, 200),
    body: body.length <= maxBody ? body : shorten(sections),
  };
}

export function describeSpend(spend: Spend): string {
  const tokens = spend.inputTokens + spend.cacheWriteTokens + spend.cacheReadTokens + spend.outputTokens;
  const money =
    spend.dollars === null
      ? 'cost unknown: no price is known for this model'
      : `$${spend.dollars.toFixed(2)}`;
  return `${spend.turns} ${spend.turns === 1 ? 'turn' : 'turns'}, ${tokens.toLocaleString('en')} tokens, ${money} (${codeSpan(spend.model)})`;
}

/** The middle goes; the first and the last section, with what closes the issue, stay whole. */
function shorten(sections: string[]): string {
  const last = sections.at(-1) ?? '';
  const rest = sections.slice(0, -1).filter(Boolean).join('\n\n');
  return `${rest.slice(0, maxBody - last.length - 100).toWellFormed()}\n\n[cut here: the description was too long]\n\n${last}`;
}

function listFiles(changes: readonly Change[]): string {
  const lines = changes.slice(0, maxFiles).map(({ path, from, status, added, deleted }) => {
    const counts = added === null ? 'binary' : `+${added} −${deleted}`;
    return `- ${codeSpan(path)} ${status}${from ? ` from ${codeSpan(from)}` : ''}, ${counts}`;
  });
  if (changes.length > maxFiles) lines.push(`- and ${changes.length - maxFiles} more`);
  return lines.join('\n');
}

function bullets(title: string, items: string[] | undefined): string {
  if (!items || items.length === 0) return '';
  return `## ${title}\n\n${items.map((item) => `- ${cleanText(item.replace(/\s*\n\s*/g, ' '), 1000)}`).join('\n')}`;
}
