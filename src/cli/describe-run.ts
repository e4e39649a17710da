import { describeRefusal } from '../messages/refusals.js';
import type { Outcome } from '../runs/outcome.js';
import type { Run } from '../runs/run.js';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Describes each run on one line, in columns: id, age, issue and state. */
export function describeRuns(runs: readonly Run[], now: Date): string[] {
  const rows = runs.map((run) => {
    const { owner, name } = run.trigger.repository;
    return {
      id: run.id,
      age: describeAge(now.getTime() - run.createdAt.getTime()),
      issue: `${owner}/${name}#${run.issueNumber}`,
      state: describeState(run),
    };
  });
  const widest = Math.max(0, ...rows.map(({ issue }) => issue.length));
  return rows.map(
    ({ id, age, issue, state }) => `${id}  ${age.padStart(7)}  ${issue.padEnd(widest)}  ${state}`,
  );
}

function describeState({ status, heldReason, outcome }: Run): string {
  if (outcome) return describeOutcome(outcome);
  return heldReason ? `waiting: ${heldReason}` : status;
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'pull-request':
      return `pull request #${outcome.number}`;
    case 'draft': {
      const draft = outcome.unfinished ? 'unfinished draft' : 'draft';
      return `${draft} #${outcome.number}: ${outcome.reasons.join(' ')}`;
    }
    case 'plan':
      return `plan: ${outcome.verdict}`;
    case 'question':
      return `question: ${outcome.questions.join(' ')}`;
    case 'refusal':
      return `refused: ${describeRefusal(outcome.reason)}`;
    case 'stopped':
      return `stopped: ${outcome.reason}`;
    case 'failed':
      return `failed: ${outcome.reason}`;
  }
}

/** Formats an age: `5s ago`, `12m ago`, `3h ago`, `9d ago`. */
function describeAge(ms: number): string {
  if (ms < minuteMs) return `${Math.max(0, Math.floor(ms / secondMs))}s ago`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m ago`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)}h ago`;
  return `${Math.floor(ms / dayMs)}d ago`;
}
