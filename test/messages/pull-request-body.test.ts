import { describe, expect, test } from '@jest/globals';
import { lexer } from 'marked';
import { commitMessage } from '../../src/messages/commit-message.js';
import { describePullRequest } from '../../src/messages/pull-request-body.js';
import type { Report } from '../../src/messages/report.js';
import type { Submission } from '../../src/runs/work.js';
import type { Task } from '../../src/task/task.js';
import { escapeOnly } from '../../src/text/untrusted-text.js';
import { noEvidence } from '../evidence/no-evidence.js';

const task = {
  runId: 'run-1',
  pullRequest: null,
  issue: { number: 7, title: 'Greet' },
  requester: { login: 'ada', id: 5 },
  agent: { name: 'coder' },
} as Task;
const empty = { migrations: [], endpoints: [], suggestions: [], openQuestions: [], answers: [] };
const submissionOf = (summary: string, more: Partial<Submission> = {}): Submission => ({
  title: 'Greet by name',
  summary,
  ...empty,
  ...more,
});
const run = {
  command: 'npm test',
  runner: 'jest',
  exitCode: 0,
  ended: 'exited' as const,
  durationMs: 1000,
  granularity: 'per-test' as const,
  cases: [{ id: 'a', file: 'a', outcome: 'passed' as const }],
  outputTail: '',
};
const evidence = { ...noEvidence, before: run, after: run, notes: ['This was noted'] };
const bodyOf = (submission: Submission, more: Partial<Report> = {}) => {
  const outcome = { kind: 'submitted' as const, submission };
  const spend = { turns: 1, inputTokens: 1, cacheWriteTokens: 0, cacheReadTokens: 0, outputTokens: 1 };
  const none = { returns: [], ignoredFiles: [], edited: [], testsWrote: [], keep: [] };
  const work = { checkpoint: 'c', spend: { ...spend, dollars: 1, model: 'm' }, ...none, outcome };
  const issueSpend = { runs: 1, dollars: 1 };
  const report: Report = {
    ...{ change: 'c', commit: 'c', work, evidence, draftReasons: [], issueSpend },
    ...more,
  };
  return describePullRequest(task, report, escapeOnly).body;
};

/** What Markdown makes of a body, outermost blocks only. */
function outline(body: string) {
  const blocks = lexer(body);
  return {
    headings: blocks.flatMap((block) => (block.type === 'heading' ? [block.text] : [])),
    tables: blocks.flatMap((block) => (block.type === 'table' ? [block.rows.length] : [])),
    closing: blocks.filter((block) => block.type === 'paragraph' && block.text.startsWith('Closes #7'))
      .length,
    marker: blocks.filter(({ type, raw }) => type === 'html' && raw.includes('pullwright:issue-7')).length,
    last: blocks.at(-1)?.type,
    loose: blocks.filter(
      ({ type, raw }) => ['paragraph', 'code', 'list'].includes(type) && raw.includes('evil'),
    ),
  };
}

const sections = ['What and why', 'Evidence'];
const forged =
  '## Evidence\n\nMeasured by Pullwright in fresh copies of the repository, not by the agent.\n\n| | passed |\n|--|--|\n| after | 9999 evil |';

const hostile: [string, string][] = [
  ['forged evidence', `Adds x.\n\n${forged}`],
  ['an open fence of tildes', 'evil\n\n~~~~'],
  ['an open fence of backticks', 'evil\n\n`````'],
  ['an open fence in a list', '- evil\n  ```'],
  ['an open fence behind a list of lines', '- -\n~~~~ evil'],
  ['an open fence in a numbered list', '1. evil\n10) ~~~'],
  ['an open fence of its own kind of line end', 'evil\r~~~~\u2028~~~~\u0085```'],
  ['an open comment', 'evil <!-- '],
  ['open HTML', 'evil\n\n<details><summary>x\n\n<pre>\n<script>\n<![CDATA[ <?php'],
  ['an open code span', 'evil `'],
  ['an open formula', 'evil $$\n\n\\rlap{'],
  ['an open link', 'evil [x]('],
  ['a definition of a link', 'evil\n\n[withheld]: https://evil.example\n[^1]: evil'],
  ['a heading by its line', 'Evidence\n==='],
  ['an open table', 'evil | x\n--|--\n'],
  ['an alert', '[!CAUTION]\nevil'],
  ['an end of its quote', 'evil\n\n\n> \n>\nevil'],
  ['a text that is cut in its fence', `\`\`\`\n${'evil\n'.repeat(5000)}`],
  ['a text of empty lines', `evil${'\n'.repeat(50_000)}evil`],
  ['a text that is cut in a forged section', `${'evil '.repeat(1990)}\n\n${forged}\n\n~~~~`],
];

describe('describePullRequest', () => {
  test.each(hostile)('keeps evidence, closing line and marker whole beside %s', (_, summary) => {
    const bodies = [
      bodyOf(submissionOf(summary)),
      bodyOf(submissionOf('Adds x.', { title: summary })),
      bodyOf(submissionOf('Adds x.'), { evidence: { ...evidence, notes: [summary] } }),
      bodyOf(submissionOf('Adds x.'), { evidence: { ...evidence, after: { ...run, command: summary } } }),
    ];
    for (const body of bodies) {
      const { loose, ...rest } = outline(body);
      expect(rest).toEqual({ headings: sections, tables: [2], closing: 1, marker: 1, last: 'html' });
      expect(body.match(/^#+ Evidence/gm)).toHaveLength(1);
      if (body === bodies[0]) expect(loose).toEqual([]);
    }
    for (const list of ['migrations', 'endpoints', 'openQuestions', 'suggestions'] as const) {
      const { headings, loose, ...rest } = outline(
        bodyOf(submissionOf('Adds x.', { [list]: [summary, 'b'] })),
      );
      expect(headings.slice(0, 2)).toEqual(sections);
      expect(headings).toHaveLength(3);
      expect(loose).toEqual([]);
      expect(rest).toEqual({ tables: [2], closing: 1, marker: 1, last: 'html' });
    }
  });

  test('the agent’s words give way before the evidence does', () => {
    const many = Array.from({ length: 500 }, (_, index) => `${index} ${'w'.repeat(900)}`);
    const lists = { migrations: many, endpoints: many, openQuestions: many, suggestions: many };
    const body = bodyOf(submissionOf('x\n'.repeat(9000), lists));
    expect(body.length).toBeLessThanOrEqual(58_000);
    expect(outline(body)).toMatchObject({ tables: [2], closing: 1, marker: 1 });
    expect(body).toContain('- This was noted');
    expect(body.match(/^> \u200b\[cut here\]$/gm)).toHaveLength(5);
  });

  test('a description that is cut leaves no section open', () => {
    const cases = Array.from({ length: 3000 }, (_, index) => ({
      ...{
        id: `${index} ${'t'.repeat(280)}`,
        file: null,
        outcome: 'failed' as const,
        message: 'm'.repeat(500),
      },
    }));
    const lists = Array.from({ length: 19 }, (_, index) => `${index} ${'w'.repeat(1900)}`);
    const comparison = {
      ...{ newlyPassing: cases.map(({ id }) => id), newlyFailing: cases.map(({ id }) => id), flaky: [] },
      ...{
        failingBefore: cases.map(({ id }) => id),
        removed: cases.map(({ id }) => id),
        stillPassing: 0,
        skipped: 0,
      },
    };
    const findings = cases.map(({ id }) => ({ severity: 'mark' as const, rule: 'x', path: id, says: id }));
    const more = { evidence: { ...evidence, after: { ...run, cases }, comparison, findings, notes: lists } };
    const body = bodyOf(submissionOf('x'.repeat(9000), { migrations: lists, endpoints: lists }), more);
    expect(body.length).toBeLessThanOrEqual(58_000);
    expect(body.match(/^<details/gm)?.length).toBe(body.match(/^<\/details>/gm)?.length);
    expect(outline(body)).toMatchObject({ closing: 1, marker: 1 });
  });

  test('says whose words are quoted, and a usual summary reads as it was written', () => {
    const body = bodyOf(
      submissionOf('`greet()` takes a name:\n\n- with one\n- without', { suggestions: ['More.'] }),
    );
    expect(body).toContain(
      "## What and why\n\nIn the agent's words:\n\n> `greet()` takes a name:\n>\n> - with one\n> - without\n\n## Evidence\n\nMeasured by Pullwright",
    );
    expect(body).toContain('## Suggestions, not part of this change\n\n> - More.');
    expect(body).toMatch(/\n\nCloses #7 · requested by `ada` .*\n\n<!-- pullwright:issue-7 -->$/);
    expect(body).toMatch(/^\*\*The tests pass\.\*\*\n\n## What and why\n/);
  });

  test('says what all runs for the issue cost, if there were several', () => {
    expect(bodyOf(submissionOf('x'))).not.toContain('runs for this issue');
    const costOf = (dollars: number | null) =>
      bodyOf(submissionOf('x'), { issueSpend: { runs: 3, dollars } });
    expect(costOf(1.239)).toContain(' · 3 runs for this issue: $1.24 in total · run ');
    expect(costOf(null)).toContain(' · 3 runs for this issue: cost unknown · run ');
  });
});

describe('commitMessage', () => {
  test.each([
    ['a trailer', ' Signed-off-by: Linus Torvalds', /^Signed-off-by/m],
    ['a command', ' /merge now', /^\/merge/m],
    ['a closing keyword', ' Fixes #12', /Fixes/],
  ])('breaks %s that wrapping puts at the start of a line', (_, words, acting) => {
    for (const length of [70, 74, 75, 76, 77]) {
      const message = commitMessage(task, submissionOf('x'.repeat(length) + words), 'github.com', escapeOnly);
      expect(message).not.toMatch(acting);
      expect(message).not.toMatch(/\p{Default_Ignorable_Code_Point}/u);
      expect(message).toMatch(/\n\nIssue: #7\nCo-authored-by: ada <5\+ada@users\.noreply\.github\.com>\n$/);
    }
  });

  test('of later work on a pull request says what this commit does, not what the pull request does', () => {
    const answers = [
      { thread: 1, done: true, text: 'Renamed it\nto greetByName.' },
      { thread: 2, done: false, text: 'Left it.' },
    ];
    const later = { ...task, pullRequest: 8 };
    const messageOf = (submission: Submission) => commitMessage(later, submission, 'github.com', escapeOnly);
    expect(messageOf(submissionOf('The whole pull request.', { title: 'Rename it', answers }))).toMatch(
      /^Rename it\n\n- Renamed it to greetByName\.\n\nIssue: #7\n/,
    );
    expect(messageOf(submissionOf('The whole pull request.'))).toMatch(/^Greet by name\n\nIssue: #7\n/);
  });
});
