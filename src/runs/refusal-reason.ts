import { z } from 'zod';

/** Something that already closes the issue, or claims to close it. */
const ExistingFix = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merged-pull-request'), number: z.number() }),
  z.object({ kind: z.literal('open-pull-request'), number: z.number(), author: z.string().nullable() }),
  z.object({ kind: z.literal('commit'), commit: z.string() }),
]);
export type ExistingFix = z.infer<typeof ExistingFix>;

/** Commits on the bot's branch that the bot did not push. `pullRequest`: the bot's own; null: it has none. */
const ForeignCommits = z.object({
  branch: z.string(),
  pullRequest: z.number().nullable(),
  /** The bot has never pushed this branch. */
  isForeignBranch: z.boolean(),
});
export type ForeignCommits = z.infer<typeof ForeignCommits>;

/**
 * Why a request is refused: something that people can change. messages/refusals.ts puts each reason into
 * words; nothing else reads those words.
 */
export const RefusalReason = z.discriminatedUnion('kind', [
  // Seen in the delivery itself.
  z.object({ kind: z.literal('repository-archived') }),
  z.object({ kind: z.literal('closed'), what: z.enum(['issue', 'pull request']) }),
  z.object({ kind: z.literal('locked'), what: z.enum(['issue', 'pull request']) }),
  z.object({ kind: z.literal('edited-since-missed') }),
  // Found when the trigger is decided.
  z.object({ kind: z.literal('not-our-pull-request') }),
  z.object({ kind: z.literal('not-a-person'), login: z.string() }),
  z.object({ kind: z.literal('no-write-access'), login: z.string() }),
  z.object({ kind: z.literal('command-in-review') }),
  z.object({ kind: z.literal('no-instructions') }),
  z.object({ kind: z.literal('run-in-progress'), takesMessages: z.boolean() }),
  z.object({ kind: z.literal('ci-fails-on-base'), checks: z.string() }),
  z.object({
    kind: z.literal('ci-fix-limit'),
    runs: z.number(),
    checks: z.string(),
    onBase: z.string().nullable(),
  }),
  /** GitHub or this server made it impossible to decide. */
  z.object({ kind: z.literal('undecided'), text: z.string() }),
  // Found when the run reads its task.
  z.object({ kind: z.literal('write-access-lost'), login: z.string() }),
  z.object({ kind: z.literal('empty-repository') }),
  z.object({ kind: z.literal('base-branch-missing'), branch: z.string(), isSetting: z.boolean() }),
  z.object({
    kind: z.literal('already-fixed'),
    fixes: z.array(ExistingFix),
    foreignCommits: ForeignCommits.nullable(),
  }),
  z.object({ kind: z.literal('empty-issue') }),
  z.object({ kind: z.literal('invalid-settings'), faults: z.array(z.string()) }),
  z.object({
    kind: z.literal('unknown-agent'),
    name: z.string(),
    agents: z.array(z.string()),
    faults: z.array(z.string()),
  }),
  // Found when the tests run on the base commit.
  z.object({ kind: z.literal('tests-time-out'), command: z.string(), minutes: z.number() }),
  z.object({ kind: z.literal('tests-print-too-much'), command: z.string() }),
  z.object({
    kind: z.literal('test-command-missing'),
    command: z.string(),
    exitCode: z.number().nullable(),
    output: z.string(),
  }),
  // The agent's work produced no change.
  z.object({ kind: z.literal('nothing-to-change'), summary: z.string() }),
  z.object({ kind: z.literal('no-change'), text: z.string().nullable() }),
]);
export type RefusalReason = z.infer<typeof RefusalReason>;
