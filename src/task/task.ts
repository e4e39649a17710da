import { z } from 'zod';
import { Agent } from './agent-file.js';
import { Settings } from './settings.js';

/*
 * The words of Pullwright (docs/architecture.md has the whole table):
 *   delivery    one webhook request from GitHub, known by its X-GitHub-Delivery id
 *   trigger     what a delivery asks for: a label, a command
 *   task        what is to be done; immutable and validated
 *   run         one attempt at a task, from queued to settled
 *   settlement  how a run ends; always said to the people
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
  /** Why nothing can be done here, in words, seen in the delivery itself: a closed issue, an archived repository. */
  obstacle: z.string().nullable(),
};

/** What a delivery asks for. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('label'), label: z.string(), ...triggerParts }),
  z.object({
    kind: z.literal('command'),
    /** The words behind `/implement`, '' where there are none. */
    words: z.string(),
    commentId: z.number().int(),
    ...triggerParts,
  }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** A file of the repository that instructs agents, read from the base commit. */
export const Instructions = z.object({ path: z.string(), text: z.string() });
export type Instructions = z.infer<typeof Instructions>;

/** What is to be done. Written once when the run starts; nothing changes it afterwards. */
export const Task = z.object({
  /** The run that this task belongs to, a UUID. */
  runId: z.string(),
  repository: Repository,
  issue: Issue,
  /** The words behind `/implement`, '' where there are none. */
  words: z.string(),
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
  /** The bot's own branch, `pullwright/issue-<n>`. */
  branch: z.string(),
  agent: Agent,
  settings: Settings,
  /** AGENTS.md, CLAUDE.md, CONTRIBUTING.md of the base commit, root first. */
  instructions: z.array(Instructions),
  /** What was taken out of the people's text before the agent sees it, in words, for the run's record. */
  hidden: z.array(z.string()),
});
export type Task = z.infer<typeof Task>;
