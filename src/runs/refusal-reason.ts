import { z } from 'zod';

/** A pull request or commit that already closes the issue, or claims to close it. */
const ExistingFix = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merged-pull-request'), number: z.number() }),
  z.object({ kind: z.literal('open-pull-request'), number: z.number(), author: z.string().nullable() }),
  z.object({ kind: z.literal('commit'), commit: z.string() }),
]);
export type ExistingFix = z.infer<typeof ExistingFix>;

/**
 * Commits on the bot's branch that the bot did not push. `pullRequest` is the number of the bot's own pull
 * request, or null if the bot has none.
 */
const ForeignCommits = z.object({
  branch: z.string(),
  pullRequest: z.number().nullable(),
  /** Whether the bot has never pushed to this branch. */
  isForeignBranch: z.boolean(),
});
export type ForeignCommits = z.infer<typeof ForeignCommits>;

/**
 * Why the bot refuses a request. Each reason is something that people can change. messages/refusals.ts
 * converts each reason to a human-readable message.
 */
export const RefusalReason = z.discriminatedUnion('kind', [
  // These reasons are visible in the trigger itself.
  z.object({ kind: z.literal('repository-archived') }),
  z.object({ kind: z.literal('closed'), what: z.enum(['issue', 'pull request']) }),
  z.object({ kind: z.literal('locked'), what: z.enum(['issue', 'pull request']) }),
  z.object({ kind: z.literal('edited-since-missed') }),
  // These reasons are found when the bot decides whether to accept the trigger.
  z.object({ kind: z.literal('not-our-pull-request') }),
  z.object({ kind: z.literal('not-a-person'), login: z.string() }),
  z.object({ kind: z.literal('no-write-access'), login: z.string() }),
  z.object({ kind: z.literal('command-in-review') }),
  z.object({ kind: z.literal('no-instructions') }),
  /** A plan is about a repository and not about a pull request. */
  z.object({ kind: z.literal('plan-on-pull-request') }),
  /** `where` names the setting with the wrong effort. `fault` is a clause such as `expected …; found …`. */
  z.object({ kind: z.literal('invalid-effort'), where: z.string(), fault: z.string() }),
  z.object({ kind: z.literal('run-in-progress'), takesMessages: z.boolean() }),
  z.object({ kind: z.literal('ci-fails-on-base'), checks: z.string() }),
  z.object({
    kind: z.literal('ci-fix-limit'),
    runs: z.number(),
    checks: z.string(),
    onBase: z.string().nullable(),
  }),
  /** The bot could not decide, because of a problem with GitHub or with this server. */
  z.object({ kind: z.literal('undecided'), text: z.string() }),
  // These reasons are found when the run reads its task.
  z.object({ kind: z.literal('write-access-lost'), login: z.string() }),
  z.object({ kind: z.literal('empty-repository') }),
  z.object({ kind: z.literal('base-branch-missing'), branch: z.string(), isSetting: z.boolean() }),
  z.object({
    kind: z.literal('already-fixed'),
    fixes: z.array(ExistingFix),
    foreignCommits: ForeignCommits.nullable(),
  }),
  /** `unanswered` lists the headings of a template that was not filled in. */
  z.object({ kind: z.literal('empty-issue'), unanswered: z.array(z.string()).default([]) }),
  z.object({ kind: z.literal('invalid-settings'), faults: z.array(z.string()) }),
  z.object({
    kind: z.literal('unknown-agent'),
    name: z.string(),
    agents: z.array(z.string()),
    faults: z.array(z.string()),
  }),
  /** No limit in dollars could hold for the run, because the price of the agent's model is not known. */
  z.object({ kind: z.literal('unpriced-model'), agent: z.string(), source: z.string(), model: z.string() }),
  // These reasons are found when the tests run on the base commit.
  z.object({
    kind: z.literal('tests-time-out'),
    command: z.string(),
    minutes: z.number(),
    /** What the server lacks, one sentence each. Tests can wait for it until their time limit. */
    missing: z.array(z.string()).default([]),
    /** Says in a sentence what the tests were doing; '' if that is not known. */
    remark: z.string().default(''),
    /** The end of the output. */
    output: z.string().default(''),
  }),
  z.object({ kind: z.literal('tests-print-too-much'), command: z.string() }),
  z.object({
    kind: z.literal('test-command-missing'),
    command: z.string(),
    exitCode: z.number().nullable(),
    output: z.string(),
  }),
  // These reasons mean that the agent's work produced no change.
  z.object({ kind: z.literal('nothing-to-change'), summary: z.string() }),
  z.object({ kind: z.literal('no-change'), text: z.string().nullable() }),
]);
export type RefusalReason = z.infer<typeof RefusalReason>;
