import type { Issue, PullRequest } from '../local-github/local-github.js';
import type { RunEvent } from '../src/runs/run-event.js';
import { renderMarkdown } from './render-markdown.js';
import type { Stage } from './stage.js';
import { harmless, type Terminal, wrap } from './terminal.js';

/** What a reviewer would see: title, body with its evidence, diff stat, check run. */
export async function showPullRequest(
  stage: Stage,
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
    bold(harmless(pull.title)),
    '',
    ...renderMarkdown(pull.body ?? '', terminal, terminal.width - 2),
  ]);

  const range = `${baseSha}...${headSha}`;
  const stat = await stage.github.git(repository, ['diff', `--stat=${terminal.width - 2}`, range]);
  print();
  print(bold(`  git diff --stat ${base}...${head}`));
  print();
  indented(harmless(stat).trimEnd().split('\n'));
  for (const check of stage.github.checkRuns(repository).filter((one) => one.headSha === headSha)) {
    print();
    const said = harmless(`${check.name}: ${check.conclusion ?? check.status} (${check.output.title})`);
    indented(wrap(`${bold('Check run')} ${said}`, terminal.width - 2));
  }
}

/** What the model's part took. */
export function describeCost(events: readonly RunEvent[]): string {
  const asked = events.filter((event) => event.type === 'asked');
  const sum = (of: (event: (typeof asked)[number]) => number) =>
    asked.reduce((total, event) => total + of(event), 0);
  const tokens = (count: number) => count.toLocaleString('en');
  const fresh = sum(({ inputTokens, cacheWriteTokens }) => inputTokens + cacheWriteTokens);
  const read = sum(({ cacheReadTokens }) => cacheReadTokens);
  const price = asked.every(({ dollars }) => dollars !== null)
    ? `$${sum(({ dollars }) => dollars ?? 0).toFixed(2)}`
    : 'no known price';
  return `${asked.length} turns; ${tokens(fresh)} tokens in, ${tokens(read)} read from the cache, ${tokens(sum(({ outputTokens }) => outputTokens))} out; ${price}`;
}
