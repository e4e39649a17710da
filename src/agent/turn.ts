import type Anthropic from '@anthropic-ai/sdk';
import type { McpToolName } from '../mcp/mcp-servers.js';
import type { Conversation, Cost, Preamble } from '../model/model.js';
import type { Work } from '../runs/work.js';
import type { TestWrite } from '../workspace/workspace.js';

/** Files that calls touched. A list is missing if it is empty. */
export type TouchedFiles = Partial<
  Pick<Work, 'ignoredFiles' | 'edited' | 'keep'> & {
    /** What the runs of `run_tests` wrote, in order. */
    testsWrote: TestWrite[];
  }
>;

/** The effects of one reply's tool calls. */
export interface Action extends TouchedFiles {
  /** A result for every call, followed by the messages that arrived during the turn. */
  results: Anthropic.ContentBlockParam[];
  /** Commit of the agent's tree after the calls; null if the reply had no calls. */
  checkpoint: string | null;
  /** The outcome if `submit` or `ask_question` ended the agent's work; otherwise null. */
  outcome: Extract<Work['outcome'], { kind: 'submitted' | 'asked' }> | null;
  /**
   * The outcome of a `submit` or `ask_question` call that was not accepted, because messages arrived or the
   * work had a fault. The work ends with this outcome if the budget allows no further turn.
   */
  deferredOutcome?: Action['outcome'];
  /** How long the calls took together, in milliseconds. */
  durationMs: number;
  /** What was wrong with the submitted work, if it was returned for that. See `Work.returns`. */
  returned?: string[];
  /** Whether the work was returned for gaps in its tests. This happens once in a run. */
  showedGaps?: true;
  /**
   * Whether the work was returned for files that may not belong to the change. This happens once in a run.
   */
  askedForFiles?: true;
  /** The cost of the requests that kept the model's cache while the tools ran. */
  cost?: Cost;
}

/** Everything that the agent's first request contains. It is stored once and belongs to the run. */
export interface Opening extends Preamble {
  conversation: Conversation;
  /** The conversation is compacted when it reaches this number of tokens. */
  compactAt: number;
  /** Those of the tools that belong to MCP servers. */
  mcpTools: McpToolName[];
}
