import { listBreaking } from '../evidence/evidence.js';
import { findBaselineFault } from '../evidence/find-baseline-fault.js';
import type { Spend, Work } from '../runs/work.js';
import type { Task } from '../task/task.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { describeEvidence } from './evidence/describe-evidence.js';
import { summarizeEvidence } from './evidence/summarize-evidence.js';
import type { Report } from './report.js';

/** Maximum length of the description, in characters. GitHub's limit is 65,536. */
const maxBody = 58_000;
/**
 * Limits for the agent's text under one heading, in characters. The first limit normally applies. The
 * second limit applies if the description would be too long with the first limit. This way, the evidence is
 * not cut.
 */
const maxWords = [10_000, 1000];

export interface Description {
  title: string;
  body: string;
}

/** Returns a hidden comment that marks the bot's own pull request for an issue. */
export function pullRequestMarker(issue: number): string {
  return `<!-- pullwright:issue-${issue} -->`;
}

const unfinished = 'Unfinished: ';

/** Returns whether a title only says that the work is not finished. */
export function isPlaceholder(title: string): boolean {
  return title.startsWith(unfinished) || title.startsWith('[draft]');
}

/**
 * Writes the title and the description of the pull request. The description begins with the evidence in one
 * line. It quotes the agent's words and keeps them apart from Pullwright's measurements.
 */
export function describePullRequest(task: Task, report: Report, untrusted: UntrustedText): Description {
  const { outcome } = report.work;
  const submission = outcome.kind === 'submitted' ? outcome.submission : null;
  const lengths = maxWords.map((most) => describeSections(task, report, untrusted, most));
  const bodies = lengths.map((sections) => sections.filter(Boolean).join('\n\n'));
  return {
    title: untrusted.title(submission?.title ?? `${unfinished}${task.issue.title}`, 200),
    body: bodies.find(({ length }) => length <= maxBody) ?? shorten(lengths.at(-1) ?? []),
  };
}

function describeSections(
  task: Task,
  { work, evidence, draftReasons, issueSpend }: Report,
  untrusted: UntrustedText,
  most: number,
): string[] {
  const submission = work.outcome.kind === 'submitted' ? work.outcome.submission : null;
  const list = (title: string, items: string[] | undefined) => {
    if (!items || items.length === 0) return '';
    const lines = items.map((item) => `- ${item.trim().replace(/\s+/g, ' ')}`);
    return `## ${title}\n\n${untrusted.quote(lines.join('\n'), most)}`;
  };
  const fault = findBaselineFault(evidence.before, evidence.after);
  return [
    `**${summarizeEvidence(evidence)}.**`,
    fault && draftReasons.length === 0 ? `> [!NOTE]\n> ${untrusted.line(fault.text, 500)}` : '',
    listBreaking(evidence).length > 0
      ? `> [!IMPORTANT]\n> This change breaks an API. @${task.requester.login}, is that wanted?`
      : '',
    draftReasons.length > 0
      ? `> [!WARNING]\n> This is a draft. ${draftReasons.map((why) => untrusted.line(why, 500)).join(' ')}`
      : '',
    `## What and why\n\n${submission ? `In the agent's words:\n\n${untrusted.quote(submission.summary, most)}` : 'The work ended before the agent could describe it. This pull request contains what the agent had done by then.'}`,
    `## Evidence\n\nMeasured by Pullwright in fresh copies of the repository, not by the agent.\n\n${describeEvidence(evidence, untrusted)}${describeReturns(work, untrusted)}`,
    list('Migrations', submission?.migrations),
    list('Endpoints', submission?.endpoints),
    list('Open questions', submission?.openQuestions),
    list('Suggestions, not part of this change', submission?.suggestions),
    `---\n\nCloses #${task.issue.number} · requested by ${untrusted.name(task.requester.login)} · agent ${untrusted.name(task.agent.name)} · ${describeSpend(work.spend, untrusted)}${describeIssueSpend(issueSpend)} · run ${untrusted.name(task.runId)}\n\n${pullRequestMarker(task.issue.number)}`,
  ];
}

function describeReturns({ returns }: Work, untrusted: UntrustedText): string {
  if (returns.length === 0) return '';
  const times = returns.length === 1 ? 'once' : `${returns.length} times`;
  const reasons = returns.map(({ because }) => because.join(', ')).join('; then ');
  return `\n\nBefore this, Pullwright returned the work to the agent ${times}: ${untrusted.line(reasons, 500)}.`;
}

function describeSpend(spend: Spend, untrusted: UntrustedText): string {
  const tokens = spend.inputTokens + spend.cacheWriteTokens + spend.cacheReadTokens + spend.outputTokens;
  const money =
    spend.dollars === null ? 'cost unknown: this model has no known price' : `$${spend.dollars.toFixed(2)}`;
  return `${spend.turns} ${spend.turns === 1 ? 'turn' : 'turns'}, ${tokens.toLocaleString('en')} tokens, ${money} (${untrusted.name(spend.model)})`;
}

/** Says what all runs for the issue cost, if there were several. */
function describeIssueSpend({ runs, dollars }: Report['issueSpend']): string {
  if (runs < 2) return '';
  return ` · ${runs} runs for this issue: ${dollars === null ? 'cost unknown' : `$${dollars.toFixed(2)} in total`}`;
}

/**
 * Shortens the description, but keeps its last section whole. That section contains `Closes #<issue>`, which
 * makes GitHub close the issue.
 */
function shorten(sections: string[]): string {
  const last = sections.at(-1) ?? '';
  const rest = sections.slice(0, -1).filter(Boolean).join('\n\n');
  const kept = rest.slice(0, maxBody - last.length - 300).toWellFormed();
  const open = (kept.match(/^<details/gm)?.length ?? 0) - (kept.match(/^<\/details>/gm)?.length ?? 0);
  const closed = '\n\n</details>'.repeat(Math.max(0, open));
  return `${kept}${closed}\n\n[The description was too long and is cut here.]\n\n${last}`;
}
