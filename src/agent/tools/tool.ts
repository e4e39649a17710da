import type Anthropic from '@anthropic-ai/sdk';
import type { TestRun } from '../../evidence/evidence.js';
import type { TestCommand } from '../../evidence/find-commands.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { Action } from '../turn.js';

/** Everything that a tool may use. */
export interface ToolContext {
  workspace: Workspace;
  test: TestCommand | null;
  commandTimeoutMs: number;
  testTimeoutMs: number;
  runTests(files: string[] | undefined): Promise<TestRun>;
  signal?: AbortSignal;
}

/** The result of a call. A misused tool or a failed command is a result for the model, never an exception. */
export interface ToolResult {
  text: string;
  ok: boolean;
  /** The result in a few words for people, such as the counts of a test run. */
  note?: string;
  /** Set if the call ends the agent's work. */
  outcome?: NonNullable<Action['outcome']>;
}

export interface Tool {
  name: string;
  /** The definition that is sent to the Messages API. */
  definition: Anthropic.ToolUnion;
  /** Calls that do not write run concurrently with their neighbors; calls that write run alone, in order. */
  writes: (input: unknown) => boolean;
  /** The call in one line, for people. */
  summarize: (input: unknown) => string;
  call(input: unknown, context: ToolContext): Promise<ToolResult>;
}
