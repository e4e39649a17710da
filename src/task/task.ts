import { z } from 'zod';
import { RefusalReason } from '../runs/refusal-reason.js';
import { Agent } from './agent-file.js';
import { Settings } from './settings.js';

/*
 * The terms of Pullwright; docs/architecture.md has the whole table.
 *   delivery  one webhook request from GitHub, known by its X-GitHub-Delivery id
 *   trigger   what a delivery asks for: a label, a command, a review, an answer, a CI failure, a cancellation
 *   task      what is to be done; immutable and validated
 *   run       one attempt at a task, from queued to settled
 *   outcome   how a run ends; people are always told
 */

/** A GitHub account as webhooks and the REST API describe it. */
export const Person = z.object({
  login: z.string().min(1),
  id: z.number().int(),
  /** `User`, `Bot`, `Organization`, `Mannequin`. */
  type: z.string(),
});
export type Person = z.infer<typeof Person>;

/** The repository that a run works for. */
export const Repository = z.object({
  /** GitHub's numeric id. It survives renames and transfers, and restricts tokens. */
  id: z.number().int(),
  owner: z.string().min(1),
  name: z.string().min(1),
  defaultBranch: z.string().min(1),
  private: z.boolean(),
  /** The App installation through which GitHub is reached. */
  installationId: z.number().int(),
});
export type Repository = z.infer<typeof Repository>;

/** The issue with the text that was authorized: title and body as the delivery carried them. */
export const Issue = z.object({
  number: z.number().int().positive(),
  title: z.string(),
  body: z.string(),
  author: z.string(),
  /** The issue's page, `html_url`. */
  url: z.string(),
});
export type Issue = z.infer<typeof Issue>;

/** A comment on the issue by someone with write access. */
export const IssueComment = z.object({ author: z.string(), body: z.string(), createdAt: z.string() });
export type IssueComment = z.infer<typeof IssueComment>;

const triggerParts = {
  /** `X-GitHub-Delivery`. */
  deliveryId: z.string().min(1),
  repository: Repository,
  issue: Issue,
  /** Who labeled or commented. This person's access counts. */
  sender: Person,
  /** When it happened, by GitHub's clock or, if the delivery has no time, by ours; ISO 8601. */
  at: z.string(),
  /** Why nothing can be done here, seen in the delivery itself: a closed issue, an archived repository. */
  refusalReason: RefusalReason.nullable(),
  /** `issue` is a pull request: GitHub numbers both together. */
  onPullRequest: z.boolean().default(false),
  /** The run whose work continues; null: the work starts over. */
  resume: z.string().nullable().default(null),
};

/** What a delivery asks for. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string(), ...triggerParts }),
  z.object({
    kind: z.literal('command'),
    /** The text after `/implement`; '' if there is none. */
    instructions: z.string(),
    /** The agent that was requested by name; null: none. */
    agent: z.string().nullable().default(null),
    /** Work even if something already fixes the issue. */
    anyway: z.boolean().default(false),
    commentId: z.number().int(),
    ...triggerParts,
  }),
  /** A submitted review, with all of its comments. */
  z.object({ kind: z.literal('review'), reviewId: z.number().int(), ...triggerParts }),
  /** A comment on an issue where the agent had asked a question. */
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
    /** The App that the checks belong to. */
    byApp: z.number().int().nullable(),
    ...triggerParts,
  }),
  /**
   * The base branch conflicts with the bot's branch. A run found the conflict and requests the merge on
   * behalf of its own requester.
   */
  z.object({ kind: z.literal('conflict'), ...triggerParts }),
  /** A command that takes effect at once, even if a run is in progress. */
  z.object({
    kind: z.literal('control'),
    /** The name of a command other than `/implement`. */
    control: z.string(),
    instructions: z.string(),
    /** Null if the command came from the button of a check run. */
    commentId: z.number().int().nullable(),
    ...triggerParts,
  }),
  /** The reason for a run is gone: the issue or pull request was closed, or the label removed. */
  z.object({
    kind: z.literal('end'),
    reason: z.string(),
    /** The removed label: it only cancels a queued run that it asked for. Null: every run is cancelled. */
    label: z.string().nullable(),
    ...triggerParts,
  }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** A file with instructions for agents, from the base commit. */
export const RepositoryInstructions = z.object({ path: z.string(), text: z.string() });
export type RepositoryInstructions = z.infer<typeof RepositoryInstructions>;

/** A review thread, as the agent sees it. */
export const Thread = z.object({
  /** GitHub's node id. */
  id: z.string(),
  path: z.string(),
  line: z.number().nullable(),
  outdated: z.boolean(),
  comments: z.array(z.object({ author: z.string(), body: z.string() })),
});
export type Thread = z.infer<typeof Thread>;

/** Feedback of people or CI on the work so far. */
export const Feedback = z.object({
  kind: z.enum(['review', 'command', 'answer', 'ci-failure', 'retry', 'conflict']),
  /** Who wrote it; null: CI. */
  author: z.string().nullable(),
  instructions: z.string(),
  /** Each of them gets an answer. */
  threads: z.array(Thread),
  /** Names of failed checks; each gets an answer, too. */
  checks: z.array(z.string()),
  /** News about the branch, for the agent and for people: commits of others, a base branch that moved on. */
  notes: z.array(z.string()),
});
export type Feedback = z.infer<typeof Feedback>;

/** What is to be done. Written once when the run starts, and never changed. */
export const Task = z.object({
  /** The run that this task belongs to, a UUID. */
  runId: z.string(),
  repository: Repository,
  issue: Issue,
  /** The text after `/implement`; '' if there is none. */
  instructions: z.string(),
  requester: Person,
  /** Comments by people with write access, oldest first, none later than the trigger. */
  comments: z.array(IssueComment),
  base: z.object({
    branch: z.string(),
    /** Full commit id that the work starts from. */
    commit: z.string(),
    /** Committer date of that commit, ISO 8601. */
    committedAt: z.string(),
  }),
  /**
   * Where the work starts, and the parents of its commit: the base, or the bot's branch as people left it,
   * with the base branch merged in if it moved on.
   */
  start: z.object({ commit: z.string(), parents: z.array(z.string()) }),
  /** Null: the work begins. */
  feedback: Feedback.nullable(),
  /**
   * Paths in which the base branch and the bot's branch conflict; [] if there are none, or both are merged.
   */
  conflicts: z.array(z.string()),
  /** The run whose conversation continues; null: a new conversation. */
  continues: z.string().nullable(),
  /** The bot's own pull request that the feedback is about; null: the work is for the issue. */
  pullRequest: z.number().int().nullable(),
  /** The bot's own branch, `pullwright/issue-<n>`. */
  branch: z.string(),
  agent: Agent,
  /** Why this agent, in a few words; '' if there was no choice. */
  agentReason: z.string(),
  settings: Settings,
  /** The model's id, such as `claude-sonnet-5-5`. */
  model: z.string(),
  /** What the run may use. */
  budget: z.object({
    turns: z.number(),
    /** All kinds, including tokens read from the cache. */
    tokens: z.number(),
    /** Applies only where the model has a known price. */
    dollars: z.number(),
    minutes: z.number(),
  }),
  /** AGENTS.md, CLAUDE.md, CONTRIBUTING.md of the base commit, root first. */
  repositoryInstructions: z.array(RepositoryInstructions),
  /** What was hidden from the agent in people's text, in words, for the run's record. */
  hidden: z.array(z.string()),
});
export type Task = z.infer<typeof Task>;
