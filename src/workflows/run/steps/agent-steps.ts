import { compact } from '../../../agent/compaction/compact.js';
import { openConversation as composeConversation } from '../../../agent/open-conversation.js';
import { systemPrompt } from '../../../agent/prompt.js';
import { steerAgent } from '../../../agent/steer.js';
import { defineMcpTool } from '../../../agent/tools/mcp-tools.js';
import { runTests } from '../../../agent/tools/run-tests.js';
import { selectTools } from '../../../agent/tools/select-tools.js';
import type { Action, Opening } from '../../../agent/turn.js';
import { recordSpend } from '../../../database/model/spend.js';
import { appendEvent, readEvents } from '../../../database/run-events.js';
import { nameSuite } from '../../../evidence/count-cases.js';
import type { TestRun } from '../../../evidence/evidence.js';
import type { Compaction, Conversation, Reply } from '../../../model/model.js';
import { noUsage } from '../../../model/models.js';
import { fieldsOfTask } from '../../../runs/log-fields.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { buyReply, buySummary, readAbandonedCost } from '../control/buy-reply.js';
import { inheritMessages, takeMessages } from '../control/steering.js';
import { readStop, watchForStop } from '../control/stops.js';
import { readImages } from '../images/read-images.js';
import { openWorkspaceAt } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { readTranscript } from '../read-transcript.js';
import { cutText, readBeginning } from '../turn/beginning-of-reply.js';
import { callTools, modelOf } from '../turn/call-tools.js';
import { saveOutputs } from '../turn/command-outputs.js';
import { collectNotices } from '../turn/turn-notices.js';
import { openMcpServers } from './open-mcp-servers.js';

/** The conversation is compacted when it fills this share of the model's context. */
const compactAt = 0.75;

/**
 * Composes the system prompt, the tools and the conversation for the agent's first turn. If the task
 * continues an earlier run, the conversation of that run comes first.
 */
export async function openConversation(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  before: TestRun | null,
): Promise<Opening> {
  const { continues, runId } = task;
  const earlier = continues === null ? null : await readTranscript(d, continues);
  if (continues !== null) await inheritMessages(d, continues, runId, 'undelivered');
  const messages = await takeMessages(d, runId, 0, false);
  const { provided, missing, notes } = project;
  const commands = project.tests.map(nameSuite);
  const tests = { commands, before, environment: [...provided, ...missing], notes };
  const conversation = earlier?.conversation ?? [];
  const images = await readImages(d, task, conversation.length > 0);
  const servers = await openMcpServers(d, task, project);
  const mcpTools = servers.flatMap(({ tools }) => tools);
  return {
    system: systemPrompt(task.agent),
    tools: [
      ...selectTools(task.agent.tools).map(({ definition }) => definition),
      ...mcpTools.map(defineMcpTool),
    ],
    conversation: composeConversation(task, tests, conversation, messages, servers, images),
    compactAt: Math.round(compactAt * d.findModel(task.model).contextTokens),
    mcpTools: mcpTools.map(({ name, server, tool }) => ({ name, server, tool })),
  };
}

/**
 * Asks the model for its next reply.
 * After the reply, this step MUST NOT do anything that can fail. A failure would repeat the step, and the
 * same reply would be paid for twice.
 */
export function ask(
  d: Dependencies,
  task: Task,
  { system, tools }: Opening,
  turn: number,
  conversation: Conversation,
): Promise<Reply> {
  return watchForStop(d, fieldsOfTask(task), 'all', async (signal) => {
    d.publisher.follow(task.runId);
    const stop = await readStop(d, task.runId);
    if (stop) return stoppedReply(stop.reason);
    const place = { runId: task.runId, turn, purpose: 'reply' as const };
    try {
      const request = { ...modelOf(d, task), system, tools, conversation, signal };
      return await buyReply(d, place, request, task.budget);
    } catch (error) {
      const stopSince = signal.aborted ? await readStop(d, task.runId) : null;
      if (!stopSince?.keep) throw error;
      const abandoned = await readAbandonedCost(d, place);
      return { ...stoppedReply(stopSince.reason), ...(abandoned && { abandoned }) };
    }
  });
}

/** Records the cost of a reply. */
export async function recordReply(d: Dependencies, task: Task, turn: number, reply: Reply): Promise<void> {
  const { attempt, usage, dollars, durationMs } = reply;
  // The model was not asked, or did not reply.
  if (attempt === undefined) return;
  const { model } = task;
  await recordSpend(d.db, task.runId, { turn, purpose: 'reply', attempt, model, ...usage, dollars });
  const said = cutText(await d.publisher.redact(readBeginning(reply)));
  await appendEvent(d.db, task.runId, {
    ...{ type: 'asked', turn, ...usage, dollars, durationMs, said },
    ...(reply.droppedThinking && { droppedThinking: true }),
  });
}

/**
 * Runs the tools that a reply calls, and then makes a checkpoint.
 * @param before the agent's checkpoint at the time of the reply
 * @param asked the request that the model replied to
 */
export function act(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  turn: number,
  reply: Reply,
  before: string,
  asked: Opening,
): Promise<Action> {
  const { runId } = task;
  return watchForStop(d, fieldsOfTask(task), 'all', async (signal) => {
    d.publisher.follow(runId);
    const workspace = await openWorkspaceAt(d, task, project, before, signal);
    workspace.markDirty();
    const { reports, durationMs, cost, ...done } = await callTools(d, task, project, turn, reply, asked, {
      workspace,
      signal,
    });
    await saveOutputs(d.db, runId, workspace.outputsFolder, turn);
    const { commit } = await workspace.checkpoint();
    const called = await Promise.all(
      reports.map(async (report) => ({ ...report, summary: await d.publisher.redact(report.summary) })),
    );
    const { blocks, instructions } = await collectNotices(d, task, workspace, turn, reply);
    await appendEvent(d.db, runId, { type: 'acted', turn, tools: called, checkpoint: commit, instructions });
    const isBlind = done.outcome?.kind === 'submitted' && reports.some(isFailedTestRun);
    const fault = isBlind && (await refuseOnce(d, runId, turn)) ? submittedBlindly : null;
    // Submitted work can still come back, so the run accepts messages until the work is judged.
    const messages = await takeMessages(d, runId, turn, done.outcome?.kind === 'asked');
    const results = [...done.results, ...blocks];
    const action = { ...done, durationMs, checkpoint: commit, ...(cost && { cost }) };
    return { ...action, ...steerAgent({ ...done, results }, reply, messages, fault) };
  });
}

/** Shortens a conversation that nearly fills the model's context, and records what the summary cost. */
export async function compactConversation(
  d: Dependencies,
  task: Task,
  opening: Opening,
  turn: number,
  conversation: Conversation,
): Promise<Compaction> {
  const request = { ...opening, ...modelOf(d, task), conversation };
  const place = { runId: task.runId, turn, purpose: 'summary' as const };
  const compaction = await compact(
    { summarize: (one, instructions) => buySummary(d, place, one, instructions, task.budget) },
    request,
    opening.conversation,
  );
  const { dollars } = compaction.cost;
  await appendEvent(d.db, task.runId, { type: 'compacted', turn, dollars });
  return compaction;
}

function isFailedTestRun({ name, ok }: { name: string; ok: boolean }): boolean {
  return name === runTests.name && !ok;
}

const submittedBlindly =
  'run_tests failed in the same reply, so you submitted before you saw its result. Read the result, and fix ' +
  'what you broke. Then call submit again.';
const blindSubmission = 'run_tests failed in the same reply';

/**
 * Records that a submission is refused because the tests failed in the same reply.
 * @returns false if a submission of an earlier turn was refused for this reason
 */
async function refuseOnce({ db }: Dependencies, runId: string, turn: number): Promise<boolean> {
  const isRefused = (await readEvents(db, runId)).some(
    ({ event }) =>
      event.type === 'submission-returned' && event.because.includes(blindSubmission) && event.turn < turn,
  );
  if (!isRefused)
    await appendEvent(db, runId, { type: 'submission-returned', turn, because: [blindSubmission] });
  return !isRefused;
}

/** Returns a reply that ends the agent's work. Used if people stopped the run but want to keep its work. */
function stoppedReply(reason: string): Reply {
  return {
    content: [],
    stopReason: 'stopped',
    stoppedReason: reason,
    usage: noUsage,
    dollars: 0,
    at: Date.now(),
    durationMs: 0,
  };
}
