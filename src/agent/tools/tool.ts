import type Anthropic from '@anthropic-ai/sdk';
import type { TestRun } from '../../evidence/evidence.js';
import type { TestCommand } from '../../evidence/find-commands.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { Action } from '../turn.js';

/** What tools work with. */
export interface ToolContext {
  workspace: Workspace;
  test: TestCommand | null;
  commandTimeoutMs: number;
  testTimeoutMs: number;
  runTests(files: string[] | undefined): Promise<TestRun>;
  signal?: AbortSignal;
}

/** What a call came to. A misused tool or a failed command is a result for the model, never an exception. */
export interface ToolResult {
  text: string;
  ok: boolean;
  /** What it came to in a few words for people, such as the counts of a test run. */
  note?: string;
  /** Set when the call ends the agent's work. */
  outcome?: NonNullable<Action['outcome']>;
}

export interface Tool {
  name: string;
  /** As the Messages API takes it. */
  definition: Anthropic.ToolUnion;
  /** Calls of a turn that do not write run side by side; the others in the order of the reply. */
  writes: (input: unknown) => boolean;
  /** One line for people: what is called. */
  summarise: (input: unknown) => string;
  call(input: unknown, context: ToolContext): Promise<ToolResult>;
}
