import { act, type CallReport } from '../../../agent/act.js';
import { keepCachedDuring } from '../../../agent/keep-cached.js';
import { createMcpTools } from '../../../agent/tools/mcp-tools.js';
import { selectTools } from '../../../agent/tools/select-tools.js';
import type { Action, Opening, TouchedFiles } from '../../../agent/turn.js';
import { recordSpend } from '../../../database/model/spend.js';
import { runSuites } from '../../../evidence/run-suites.js';
import type { Cost, ModelRequest, Reply } from '../../../model/model.js';
import { addPackages, type PackageRequest } from '../../../packages/add-packages.js';
import { fieldsOfTask } from '../../../runs/log-fields.js';
import type { Task } from '../../../task/task.js';
import type { Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { agentProject } from '../agent-packages.js';
import type { ProjectSetup } from '../project-setup.js';
import { mcpRunOf } from '../steps/open-mcp-servers.js';

const minuteMs = 60_000;

/**
 * Runs the tools that a reply calls. Keeps the model's cache of the conversation while they run.
 * @param asked the request that the model replied to
 */
export async function callTools(
  d: Dependencies,
  task: Task,
  { tests }: ProjectSetup,
  turn: number,
  reply: Reply,
  asked: Opening,
  { workspace, signal }: { workspace: Workspace; signal: AbortSignal },
): Promise<
  Pick<Action, 'results' | 'outcome' | 'durationMs'> &
    TouchedFiles & { reports: CallReport[]; cost: Cost | null }
> {
  const { timeouts } = task.settings;
  const testTimeoutMs = timeouts.test * minuteMs;
  const context = {
    workspace,
    signal,
    tests,
    commandTimeoutMs: timeouts.command * minuteMs,
    testTimeoutMs,
    addPackages: (request: PackageRequest) => addPackages(agentProject(task, workspace, signal), request),
    callMcp: (server: string, tool: string, input: Record<string, unknown>) =>
      d.mcp.call(
        mcpRunOf(task, async () => workspace.sandbox, signal),
        task.agent,
        { server, tool, input },
      ),
    runTests: async (files: string[] | undefined) => {
      const options = { timeoutMs: testTimeoutMs, signal, ...(files && { files }) };
      const { result, written } = await workspace.recordWrites(task.start.diffBase, () =>
        runSuites(workspace.sandbox, tests, options),
      );
      return { tests: result, written };
    },
  };
  const tools = [...selectTools(task.agent.tools), ...createMcpTools(asked.mcpTools, asked.tools)];
  const { result, cost } = await keepCachedDuring(
    () => act(reply, turn, tools, context),
    d.model,
    { ...asked, ...modelOf(d, task) },
    {
      since: reply.at - reply.durationMs,
      now: d.now,
      onError: (err) => d.log.warn({ ...fieldsOfTask(task), turn, err }, "could not keep the model's cache"),
    },
  );
  if (cost) {
    const { usage, dollars } = cost;
    await recordSpend(d.db, task.runId, { turn, purpose: 'cache', model: task.model, ...usage, dollars });
  }
  return { ...result, cost };
}

/** Returns the part of a request that is the same for all requests of a task. */
export function modelOf(d: Dependencies, task: Task): Pick<ModelRequest, 'model' | 'effort'> {
  return { model: d.findModel(task.model), effort: task.effort };
}
