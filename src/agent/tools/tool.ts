import type Anthropic from '@anthropic-ai/sdk';
import type { TestCommand } from '../../evidence/commands/find-commands.js';
import type { DetailedRun } from '../../evidence/run-tests.js';
import type { McpResult } from '../../mcp/mcp-servers.js';
import type { AddedPackages, PackageRequest } from '../../packages/add-packages.js';
import type { TestWrite, Workspace } from '../../workspace/workspace.js';
import type { Action } from '../turn.js';

/** Everything that a tool can use. */
export interface ToolContext {
  workspace: Workspace;
  /** The commands that run the repository's tests; [] if none are known. */
  tests: readonly TestCommand[];
  commandTimeoutMs: number;
  testTimeoutMs: number;
  /**
   * @returns also the paths of files that the tests wrote in the agent's tree and that git does not ignore
   */
  runTests(files: string[] | undefined): Promise<{ tests: DetailedRun; written: TestWrite[] }>;
  /** @throws PackageError if the packages cannot be added */
  addPackages(request: PackageRequest): Promise<AddedPackages>;
  /** Calls a tool of an MCP server. */
  callMcp(server: string, tool: string, input: Record<string, unknown>): Promise<ToolResult>;
  signal?: AbortSignal;
}

/**
 * The result of a tool call. If the input is wrong or the command fails, the result says so. The tool does
 * not throw an error for that.
 */
export interface ToolResult {
  text: string;
  /** The full text, if `text` shows only a part of it. It is saved to a file, which `text` need not name. */
  full?: string;
  ok: boolean;
  images?: McpResult['images'];
  /** Whether the tool has limited the length of the text itself. */
  isLimited?: boolean;
  /** A human-readable summary of the result in a few words, such as the counts of a test run. */
  note?: string;
  /** Path of the file that the call created, if git ignores it. It is relative to the repository's root. */
  ignoredFile?: string;
  /** Paths of the files that the call names and wrote. They are relative to the repository's root. */
  editedFiles?: string[];
  /** Files that the tests wrote while the call ran them. */
  testsWrote?: TestWrite[];
  /** Paths of files and folders that belong to the change although tests or builds write them. */
  keep?: string[];
  /** Set if the call ends the agent's work. */
  outcome?: NonNullable<Action['outcome']>;
}

export interface Tool {
  name: string;
  /** The definition that is sent to the Messages API. */
  definition: Anthropic.ToolUnion;
  /** Returns whether a call writes. Calls that write run alone and in order. Other calls run concurrently. */
  writes: (input: unknown) => boolean;
  /** Returns a human-readable description of a call, in one line. */
  summarize: (input: unknown) => string;
  call(input: unknown, context: ToolContext): Promise<ToolResult>;
}
