import type { NewSuite } from '../../../local-github/local-github.js';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import type { World } from '../../support/world/world.js';

/** A token with the look of a real one. It is valid nowhere. */
export const token = `ghp_${'Zk3q9TmW2xLb7RvN5cYh8DsF1gJa4PeUoQiX'}`;

/** Another App that reports check suites. */
export const otherApp = { id: 7, slug: 'acme-ci' };

/** The log of a GitHub Actions job: each line starts with its time. */
export function stamped(...lines: string[]): string {
  return lines.map((line) => `2026-01-02T03:04:05.1234567Z ${line}`).join('\n');
}

export function failing(name: string, log: string | null = null) {
  return { name, conclusion: 'failure', log } as const;
}

/** The model runs a command and answers the checks. `expected` must be in the request. */
export function fixAndSubmit(
  command: string,
  answers: { thread: number; done: boolean; text: string }[],
  expected: string[],
): ScriptedTurn {
  return {
    calls: [
      ['bash', { command }],
      ['submit', { title: 'Greet Ada', summary: 'The greeting says the name.', answers }],
    ],
    expect: expected,
  };
}

/** Opens pull requests of the bot in a world, and reports CI on them. */
export function openCi(world: () => World) {
  const complete = (name: string, head: string, suite: NewSuite) =>
    world().act(() => world().github.completeChecks(name, head, suite));
  return {
    complete,

    /** Resolves with a pull request of the bot, its head and its base. */
    async open(turns: ScriptedTurn[], more: Parameters<typeof runIssue>[1] = {}) {
      const issue = { files: minimalProject, turns: [...solveMinimalProject, ...turns], ...more };
      const done = await runIssue(world(), issue);
      const [pull] = done.pulls;
      if (done.outcome.kind !== 'pull-request' || !pull) throw new Error(JSON.stringify(done.outcome));
      const onPull = { name: done.name, number: pull.number };
      return { ...done, pull, onPull, head: pull.pull.headSha, base: pull.pull.baseSha };
    },

    /** Reports one failed check on a commit. */
    fail: (name: string, head: string, check: string) =>
      complete(name, head, { checks: [failing(check, stamped(`${check} says no`))] }),

    headOf: (name: string) => String(world().github.pullRequests(name)[0]?.pull.headSha),

    greetingOf: (name: string, number: number) =>
      world().github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt'),

    runsOf: (name: string) =>
      world().database.query<{ workflow: string; by: string; status: string }>(
        'select workflow, requested_by as by, status from pullwright.runs where repository = $1 order by created_at',
        [name],
      ),

    /** Comments that say that the bot did nothing about failed CI. */
    unfixed: (name: string, pull: number) =>
      world()
        .github.botComments(name, pull)
        .filter(({ body }) => body.includes('and I did not start a run.**')),
  };
}
