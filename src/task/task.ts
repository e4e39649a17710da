import { z } from 'zod';
import { RefusalReason } from '../runs/refusal-reason.js';
import { Agent } from './agent-file.js';
import { Settings } from './settings.js';

/*
 * The words of Pullwright (docs/architecture.md has the whole table):
 *   delivery    one webhook request from GitHub, known by its X-GitHub-Delivery id
 *   trigger     what a delivery asks for: a label, a command, a review, an answer, a failed check, an end
 *   task        what is to be done; immutable and validated
 *   run         one attempt at a task, from queued to settled
 *   outcome  how a run ends; always said to the people
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
  /** GitHub's numeric id: survives renames and transfers, and narrows tokens. */
  id: z.number().int(),
  owner: z.string().min(1),
  name: z.string().min(1),
  defaultBranch: z.string().min(1),
  private: z.boolean(),
  /** The App installation through which GitHub is reached. */
  installationId: z.number().int(),
});
export type Repository = z.infer<typeof Repository>;

/** The issue, in the words that were authorised: title and body as the delivery carried them. */
export const Issue = z.object({
  number: z.number().int().positive(),
  title: z.string(),
  body: z.string(),
  author: z.string(),
  /** The issue's page, `html_url`. */
  url: z.string(),
});
export type Issue = z.infer<typeof Issue>;

/** A comment of the issue by someone who may write. */
export const IssueComment = z.object({ author: z.string(), body: z.string(), createdAt: z.string() });
export type IssueComment = z.infer<typeof IssueComment>;

const triggerParts = {
  /** `X-GitHub-Delivery`. */
  deliveryId: z.string().min(1),
  repository: Repository,
  issue: Issue,
  /** Who labelled or commented: it is this person's permission that counts. */
  sender: Person,
  /** When it happened by GitHub's word or, where a delivery has no such field, by our clock; ISO 8601. */
  at: z.string(),
  /** Why nothing can be done here, seen in the delivery itself: a closed issue, an archived repository. */
  refusalReason: RefusalReason.nullable(),
  /** `issue` is a pull request: GitHub counts both alike. */
  onPullRequest: z.boolean().default(false),
  /** The run whose work is to go on; null: it begins anew. */
  resume: z.string().nullable().default(null),
};

/** What a delivery asks for. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string(), ...triggerParts }),
  z.object({
    kind: z.literal('command'),
    /** The words behind `/implement`, '' where there are none. */
    instructions: z.string(),
    /** The agent that was asked for by name; null: none. */
    agent: z.string().nullable().default(null),
    /** Whatever a guard says: people know what is there already. */
    anyway: z.boolean().default(false),
    commentId: z.number().int(),
    ...triggerParts,
  }),
  /** A submitted review, all of its comments together. */
  z.object({ kind: z.literal('review'), reviewId: z.number().int(), ...triggerParts }),
  /** A comment where the agent had asked something. */
  z.object({
    kind: z.literal('answer'),
    instructions: z.string(),
    commentId: z.number().int(),
    ...triggerParts,
  }),
  /** The repository's own checks failed on a commit of the bot's. */
  z.object({
    kind: z.literal('ci-failure'),
    suiteId: z.number().int(),
    headSha: z.string(),
    /** The App whose checks these are. */
    byApp: z.number().int().nullable(),
    ...triggerParts,
  }),
  /** The base moved on against the branch: found by a run, and asked for by itself for whoever had asked for that one. */
  z.object({ kind: z.literal('conflict'), ...triggerParts }),
  /** People's word on a run: answered at once, whatever else goes on. */
  z.object({
    kind: z.literal('control'),
    control: z.enum(['stop', 'status', 'retry', 'help']),
    instructions: z.string(),
    /** Null: a button. */
    commentId: z.number().int().nullable(),
    ...triggerParts,
  }),
  /** What a run was for is gone: the issue or pull request was closed, the label was taken off. */
  z.object({
    kind: z.literal('end'),
    reason: z.string(),
    /** It was taken off: only a run that it asked for and that has not begun ends. Null: whatever there is ends. */
    label: z.string().nullable(),
    ...triggerParts,
  }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** A file of the repository that instructs agents, read from the base commit. */
export const RepositoryInstructions = z.object({ path: z.string(), text: z.string() });
export type RepositoryInstructions = z.infer<typeof RepositoryInstructions>;

/** A thread of a review, as the agent is shown it. */
export const Thread = z.object({
  /** GitHub's node id. */
  id: z.string(),
  path: z.string(),
  line: z.number().nullable(),
  outdated: z.boolean(),
  comments: z.array(z.object({ author: z.string(), body: z.string() })),
});
export type Thread = z.infer<typeof Thread>;

/** What people, or the repository's checks, said of the work so far. */
export const Feedback = z.object({
  kind: z.enum(['review', 'command', 'answer', 'ci-failure', 'retry', 'conflict']),
  /** Whose words these are; the checks' have none. */
  author: z.string().nullable(),
  instructions: z.string(),
  /** Each of them gets an answer. */
  threads: z.array(Thread),
  /** Names of checks that failed; each of them gets an answer too. */
  checks: z.array(z.string()),
  /** The branch's own news, in words for the agent and people: commits of others, a base that moved. */
  notes: z.array(z.string()),
});
export type Feedback = z.infer<typeof Feedback>;

/** What is to be done. Written once when the run starts; nothing changes it afterwards. */
export const Task = z.object({
  /** The run that this task belongs to, a UUID. */
  runId: z.string(),
  repository: Repository,
  issue: Issue,
  /** The words behind `/implement`, '' where there are none. */
  instructions: z.string(),
  requester: Person,
  /** Comments by people who may write, oldest first, none later than the trigger. */
  comments: z.array(IssueComment),
  base: z.object({
    branch: z.string(),
    /** Full commit id that the work starts from. */
    commit: z.string(),
    /** Committer date of that commit, ISO 8601. */
    committedAt: z.string(),
  }),
  /**
   * What the work starts from, and the parents that its commit gets: the base, or the bot's branch as people left it,
   * with a base that moved on merged in.
   */
  start: z.object({ commit: z.string(), parents: z.array(z.string()) }),
  /** What was said of the work so far; null: it begins. */
  feedback: Feedback.nullable(),
  /** Paths in which the base and the branch conflict; [] where they do not, or where they are merged. */
  conflicts: z.array(z.string()),
  /** The run whose conversation goes on; null: a new one. */
  continues: z.string().nullable(),
  /** The bot's own pull request that something was said of; null: the work is for the issue, and may open one. */
  pullRequest: z.number().int().nullable(),
  /** The bot's own branch, `pullwright/issue-<n>`. */
  branch: z.string(),
  agent: Agent,
  /** Why this one, in a few words; '' where there was no choice. */
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
  /** What was taken out of the people's text before the agent sees it, in words, for the run's record. */
  hidden: z.array(z.string()),
});
export type Task = z.infer<typeof Task>;
