import type { Issue, PullRequest } from '../local-github/local-github.js';
import type { RunEvent } from '../src/runs/run-event.js';
import { renderMarkdown } from './render-markdown.js';
import type { DemoWorld } from './start-demo-world.js';
import { removeControlCharacters, type Terminal, wrap } from './terminal.js';

/** Prints what a reviewer sees: title, body with its evidence, diff stat and check run. */
export async function showPullRequest(
  world: DemoWorld,
  repository: string,
  pull: Issue & { pull: PullRequest },
  terminal: Terminal,
): Promise<void> {
  const { head, base, headSha, baseSha, draft } = pull.pull;
  const { print, bold, dim } = terminal;
  const indented = (lines: string[]) => {
    for (const line of lines) print(`  ${line}`);
  };
  print(dim(`  ${head} into ${base}${draft ? ', a draft' : ''}`));
  print();
  indented([
    bold(removeControlCharacters(pull.title)),
    '',
    ...renderMarkdown(pull.body ?? '', terminal, terminal.width - 2),
  ]);

  const range = `${baseSha}...${headSha}`;
  const stat = await world.github.git(repository, ['diff', `--stat=${terminal.width - 2}`, range]);
  print();
  print(bold(`  git diff --stat ${base}...${head}`));
  print();
  indented(removeControlCharacters(stat).trimEnd().split('\n'));
  for (const check of world.github.checkRuns(repository).filter((one) => one.headSha === headSha)) {
    print();
    const result = `${check.name}: ${check.conclusion ?? check.status} (${check.output.title})`;
    indented(wrap(`${bold('Check run')} ${removeControlCharacters(result)}`, terminal.width - 2));
  }
}

/** Describes how many turns and tokens the model used, and what they cost. */
export function describeCost(events: readonly RunEvent[], isRecorded: boolean): string {
  const turns = events.filter((event) => event.type === 'asked');
  const sum = (of: (turn: (typeof turns)[number]) => number) =>
    turns.reduce((total, turn) => total + of(turn), 0);
  const tokens = (count: number) => count.toLocaleString('en');
  const input = sum(({ inputTokens, cacheWriteTokens }) => inputTokens + cacheWriteTokens);
  const cached = sum(({ cacheReadTokens }) => cacheReadTokens);
  const output = sum(({ outputTokens }) => outputTokens);
  const counts = `${turns.length} turns: ${tokens(input)} input tokens, ${tokens(cached)} read from the cache, ${tokens(output)} output tokens.`;
  if (turns.some(({ dollars }) => dollars === null)) return `${counts} The model's price is unknown.`;
  const price = `$${sum(({ dollars }) => dollars ?? 0).toFixed(2)}`;
  return isRecorded
    ? `${counts} With Claude this costs about ${price}; the recording is free.`
    : `${counts} This cost ${price}.`;
}
