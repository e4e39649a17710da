import { z } from 'zod';
import { efforts } from '../runs/effort.js';
import { RefusalReason } from '../runs/refusal-reason.js';
import { Agent } from './agent-file.js';
import { Settings } from './settings.js';

/*
 * Definitions of the main terms of Pullwright. For all other terms, see docs/architecture.md.
 *   delivery  One webhook request from GitHub. Its X-GitHub-Delivery id identifies it.
 *   trigger   An event that makes Pullwright act, such as a label, a command, a review or a CI failure.
 *   task      The work that a run has to do. A task is validated and immutable.
 *   run       One attempt at a task. Its status is first `queued` and finally `settled`.
 *   outcome   How a run ends, for example with a pull request, a question or a refusal.
 */

/** A GitHub account, as webhooks and the REST API describe it. */
export const Person = z.object({
  login: z.string().min(1),
  id: z.number().int(),
  /** `User`, `Bot`, `Organization` or `Mannequin`. */
  type: z.string(),
});
export type Person = z.infer<typeof Person>;

/** The repository that a run works for. */
export const Repository = z.object({
  /**
   * GitHub's numeric id. It stays the same when the repository is renamed or transferred. Pullwright
   * restricts its tokens to repositories by this id.
   */
  id: z.number().int(),
  owner: z.string().min(1),
  name: z.string().min(1),
  defaultBranch: z.string().min(1),
  private: z.boolean(),
  /** The id of the App installation that gives Pullwright access to the repository. */
  installationId: z.number().int(),
});
export type Repository = z.infer<typeof Repository>;

/**
 * The issue, with its title and body as the delivery contained them. The request covers only this text, not
 * later edits.
 */
export const Issue = z.object({
  number: z.number().int().positive(),
  title: z.string(),
  body: z.string(),
  author: z.string(),
  /** The URL of the issue's page (`html_url`). */
  url: z.string(),
});
export type Issue = z.infer<typeof Issue>;

/** A comment on the issue by someone with write access. */
export const IssueComment = z.object({ author: z.string(), body: z.string(), createdAt: z.string() });
export type IssueComment = z.infer<typeof IssueComment>;

const triggerParts = {
  /** The `X-GitHub-Delivery` id, or our own id for a trigger that did not come from a delivery. */
  deliveryId: z.string().min(1),
  repository: Repository,
  issue: Issue,
  /**
   * The person who made the request, for example with a label or a comment. The bot checks this person's
   * access to the repository.
   */
  sender: Person,
  /**
   * When the event happened, in ISO 8601. The time comes from GitHub, or from our clock if the delivery
   * contains no time.
   */
  at: z.string(),
  /**
   * Why the bot cannot do the work, for example because the issue is closed. Null if the delivery shows no
   * such reason.
   */
  refusalReason: RefusalReason.nullable(),
  /** Whether `issue` is a pull request. GitHub numbers issues and pull requests together. */
  onPullRequest: z.boolean().default(false),
  /** The id of the earlier run whose work this run continues. Null if the work starts from scratch. */
  resume: z.string().nullable().default(null),
};

/** An event that makes Pullwright act. Most triggers come from a delivery. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string(), ...triggerParts }),
  z.object({
    kind: z.literal('command'),
    /** The text after `/implement`, or '' if there is none. */
    instructions: z.string(),
    /** The name of the agent that the command requests. Null if it requests none. */
    agent: z.string().nullable().default(null),
    /** Whether to work even if something already fixes the issue. */
    anyway: z.boolean().default(false),
    /** Whether to only show the plan: set up the repository and run its tests, without the agent. */
    plan: z.boolean().default(false),
    /** The effort that the command requests. Null if it requests none. */
    effort: z.enum(efforts).nullable().default(null),
    /** Null if the request is in the text of the issue. */
    commentId: z.number().int().nullable(),
    ...triggerParts,
  }),
  /** A submitted review, with all of its comments. */
  z.object({
    kind: z.literal('review'),
    reviewId: z.number().int(),
    /**
     * Whether the review has comments only. GitHub makes such a review of each comment that people add on its
     * own, so more of them may follow.
     */
    mayContinue: z.boolean().default(false),
    ...triggerParts,
  }),
  /** A comment on an issue where the agent asked a question. */
  z.object({
    kind: z.literal('answer'),
    instructions: z.string(),
    commentId: z.number().int(),
    ...triggerParts,
  }),
  /** The repository's CI failed on the bot's commit. */
  z.object({
    kind: z.literal('ci-failure'),
    suiteId: z.number().int(),
    headSha: z.string(),
    /** The id of the App that created the checks. Null if it is unknown. */
    byApp: z.number().int().nullable(),
    ...triggerParts,
  }),
  /**
   * The base branch conflicts with the bot's branch. A run found the conflict and requests another run that
   * merges the branches. The sender is the requester of the first run.
   */
  z.object({ kind: z.literal('conflict'), ...triggerParts }),
  /** A command that takes effect at once, even if a run is in progress. */
  z.object({
    kind: z.literal('control'),
    /** The name of a command other than `/implement`. */
    control: z.string(),
    instructions: z.string(),
    /** Null if the command came from a button on a check run. */
    commentId: z.number().int().nullable(),
    ...triggerParts,
  }),
  /** A run is no longer needed: the issue or pull request was closed, or the label was removed. */
  z.object({
    kind: z.literal('end'),
    reason: z.string(),
    /**
     * The name of the removed label; null if no label was removed. With a label, only a queued run that this
     * label requested is cancelled. Without a label, every run for the issue is cancelled.
     */
    label: z.string().nullable(),
    ...triggerParts,
  }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** A file of the base commit that contains instructions for agents. */
export const RepositoryInstructions = z.object({ path: z.string(), text: z.string() });
export type RepositoryInstructions = z.infer<typeof RepositoryInstructions>;

/** What a review thread is about. */
export const ThreadPlace = z.object({
  /** The last line. Null for a whole file. */
  line: z.number().nullable(),
  /** The first of several lines; otherwise null. */
  startLine: z.number().nullable(),
  /** Whether these are lines that the pull request removes. Their numbers are those of the base. */
  removed: z.boolean(),
  /** Whether the lines changed since. Their numbers are then those of an earlier commit of the branch. */
  outdated: z.boolean(),
  /** The part of the diff above the thread, up to its last line. '' for a whole file. */
  hunk: z.string(),
});
export type ThreadPlace = z.infer<typeof ThreadPlace>;

/** A review thread, as the agent sees it. */
export const Thread = z.object({
  /** GitHub's node id of the thread. */
  id: z.string(),
  path: z.string(),
  place: ThreadPlace,
  comments: z.array(z.object({ author: z.string(), body: z.string() })),
});
export type Thread = z.infer<typeof Thread>;

/** Feedback from people or CI on the work so far. */
export const Feedback = z.object({
  kind: z.enum(['review', 'command', 'answer', 'ci-failure', 'retry', 'conflict']),
  /**
   * The login of the person who wrote the feedback. Null if no person wrote it, for example for a CI failure.
   */
  author: z.string().nullable(),
  instructions: z.string(),
  /** Review threads. The bot answers each of them. */
  threads: z.array(Thread),
  /** Names of failed checks. The bot answers each of them. */
  checks: z.array(z.string()),
  /** News about the branch, such as commits by other people. Both the agent and people read these notes. */
  notes: z.array(z.string()),
});
export type Feedback = z.infer<typeof Feedback>;

/** An image in a text that the agent gets. */
export const ImageReference = z.object({
  /** The part of the task that contains the image. A number is the index of a comment. */
  part: z.union([z.enum(['issue', 'request', 'feedback']), z.number().int()]),
  /** The text that contains the image, in words, such as `a comment by ada`. */
  where: z.string(),
  /** The address, as the text contains it. */
  address: z.string(),
  /** Why the agent must not get the image, in a few words; null if it may get the image. */
  fault: z.string().nullable(),
});
export type ImageReference = z.infer<typeof ImageReference>;

/** The work that a run has to do. A task is written once when the run starts, and never changes. */
export const Task = z.object({
  /** The id of the run that this task belongs to. It is a UUID. */
  runId: z.string(),
  repository: Repository,
  issue: Issue,
  /** The text after `/implement`, or '' if there is none. */
  instructions: z.string(),
  requester: Person,
  /**
   * Comments by people with write access, oldest first. Comments that are later than the trigger are not
   * included.
   */
  comments: z.array(IssueComment),
  base: z.object({
    branch: z.string(),
    /** Full id of the commit on the base branch that the change is compared with. */
    commit: z.string(),
    /** Committer date of `commit`, in ISO 8601. */
    committedAt: z.string(),
  }),
  /**
   * `commit` is the commit where the work starts:
   * (1) A run that works on an issue starts at the base commit.
   * (2) A run that continues an earlier run's work on an issue starts at the checkpoint of the earlier run.
   * (3) A run that works on a pull request starts at the tip of the bot's branch. New commits of the base
   * branch are merged into this tip before the work starts. They are not merged if `conflicts` lists paths.
   * `parents` are the parents of the commit that the run pushes. `diffBase` is the commit to compare its
   * change with. It contains people's commits and any merge of the base branch, so a diff shows neither.
   */
  start: z.object({ commit: z.string(), parents: z.array(z.string()), diffBase: z.string() }),
  /** Feedback on earlier work. Null if the run works on the issue itself. */
  feedback: Feedback.nullable(),
  /**
   * Paths in which the base branch and the bot's branch conflict. If the list contains paths, the branches
   * were not merged. The list is empty in two cases. (1) The branches do not conflict. (2) This run was
   * started to resolve the conflicts. In that case, the branches were merged despite the conflicts.
   */
  conflicts: z.array(z.string()),
  /** The id of the earlier run whose conversation this run continues. Null if a new conversation starts. */
  continues: z.string().nullable(),
  /**
   * The number of the bot's pull request that the feedback is about. Null if the run works on the issue
   * itself.
   */
  pullRequest: z.number().int().nullable(),
  /** The bot's own branch, `pullwright/issue-<n>`. */
  branch: z.string(),
  agent: Agent,
  /** Why this agent was chosen, in a few words. '' if there was no choice. */
  agentReason: z.string(),
  settings: Settings,
  /** The model's id, such as `claude-sonnet-5-5`. */
  model: z.string(),
  /** The effort of the model. Null if the model has no levels of effort. */
  effort: z.enum(efforts).nullable(),
  /** What the run may use at most. */
  budget: z.object({
    turns: z.number(),
    /** Tokens of all kinds, including tokens read from the cache. */
    tokens: z.number(),
    /** Null if the operator allows a model without a known price. */
    dollars: z.number().nullable(),
    minutes: z.number(),
    /** If the agent makes progress at a limit, all limits grow once by this share; 0 for never. */
    extension: z.number(),
  }),
  /** The images in people's texts, in the order of the texts. A task of an earlier version has none. */
  images: z.array(ImageReference).optional(),
  /** AGENTS.md, CLAUDE.md and CONTRIBUTING.md of the base commit. Files at the root come first. */
  repositoryInstructions: z.array(RepositoryInstructions),
  /**
   * Descriptions of the parts of people's texts that were hidden from the agent. The run's events contain
   * these descriptions.
   */
  hidden: z.array(z.string()),
});
export type Task = z.infer<typeof Task>;
