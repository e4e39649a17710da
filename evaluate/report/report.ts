import { isResolved, type Result } from '../results.js';
import { effectiveAttempts, wilson } from './statistics.js';
import { groupBy, renderTable } from './table.js';

/** Renders the results as Markdown: one row for each repository, and one for all. */
export function renderReport(results: readonly Result[]): string[] {
  const players = [...new Set(results.map(({ player }) => player))];
  const lines = players.flatMap((player) => {
    const own = results.filter((result) => result.player === player);
    const repositories = [...new Set(own.map(({ repo }) => repo))].sort();
    const rows = [
      ...repositories.map((repo) =>
        summarize(
          repo,
          own.filter((result) => result.repo === repo),
        ),
      ),
      ...(repositories.length > 1 ? [summarize('all', own)] : []),
    ];
    return [`## ${player}`, '', ...renderTable(headings, rows), ''];
  });
  const missed = results.filter((result) => !isResolved(result));
  if (missed.length === 0) return lines;
  return [...lines, '## Not resolved', '', ...renderTable(missedHeadings, missed.map(explain))];
}

const headings = [
  'repository',
  'tasks',
  'attempts',
  'resolved',
  '95 % interval',
  'ready',
  'drafts',
  'questions',
  'refusals',
  'other',
  'dollars',
  'turns',
  'minutes',
  'cached',
];

function summarize(name: string, results: readonly Result[]): string[] {
  const perTask = groupBy(results, ({ instance_id }) => instance_id).map((own) => own.map(isResolved));
  const resolved = results.filter(isResolved).length;
  const share = resolved / results.length;
  const { low, high } = wilson(share, effectiveAttempts(perTask));
  const count = (...kinds: Result['outcome'][]) =>
    String(results.filter(({ outcome }) => kinds.includes(outcome)).length);
  const sum = (field: 'dollars' | 'promptTokens' | 'cachedTokens') =>
    results.reduce((total, result) => total + result[field], 0);
  const prompts = sum('promptTokens');
  return [
    name,
    String(perTask.length),
    String(results.length),
    `${resolved} (${percent(share)})`,
    `${percent(low)} to ${percent(high)}`,
    count('pull-request'),
    count('draft'),
    count('question'),
    count('refusal'),
    count('stopped', 'failed'),
    sum('dollars').toFixed(2),
    median(results.map(({ turns }) => turns)).toFixed(0),
    median(results.map(({ minutes }) => minutes)).toFixed(1),
    prompts === 0 ? '' : percent(sum('cachedTokens') / prompts),
  ];
}

const missedHeadings = ['task', 'attempt', 'player', 'outcome', 'why'];

function explain({ instance_id, repeat, player, outcome, detail, grade }: Result): string[] {
  const why = (grade?.reason ?? (detail || 'nothing was pushed')).replace(/\s+/g, ' ').replaceAll('|', '/');
  return [instance_id, String(repeat), player, outcome, why.slice(0, 200)];
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}
