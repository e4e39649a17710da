import { act } from '../../agent/act.js';
import type { Budget } from '../../agent/budget.js';
import { workOnTask } from '../../agent/loop.js';
import type { ModelClient } from '../../agent/model.js';
import type { Model } from '../../agent/models.js';
import { systemPrompt } from '../../agent/prompt.js';
import { steerAgent } from '../../agent/steer.js';
import { selectTools } from '../../agent/tools/select-tools.js';
import type { Action, Conversation, Reply } from '../../agent/turn.js';
import type { Config } from '../../config/read-config.js';
import type { OutputStore } from '../../database/output-store.js';
import type { RunStore } from '../../database/run-store.js';
import { runTests } from '../../evidence/run-tests.js';
import type { Agent } from '../../task/agent-file.js';
import type { Task } from '../../task/task.js';
import type { Workspaces } from '../../workspace/workspace.js';
import type { ImplementIssueSteps } from '../implement-issue/implement-issue.js';
import { bringOutputs, keepOutputs } from './carry-outputs.js';
import { openWorkspace } from './open-workspace.js';
import type { ProjectSetup } from './project-setup.js';
import type { Publisher } from './publisher.js';
import type { Steering } from './steering.js';
import type { Stops } from './stops.js';

interface Parts {
  config: Config;
  store: RunStore;
  outputs: OutputStore;
  workspaces: Workspaces;
  model: ModelClient;
  modelOf: (agent: Agent) => Model;
  publisher: Publisher;
  stops: Stops;
  steering: Steering;
}

/** The two halves of a turn. Each may be done again after a crash; neither leaves half of anything behind. */
export interface HalfTurns {
  /** MUST do nothing behind the reply that can fail: the step would be done again, and the reply bought twice. */
  ask(task: Task, turn: number, conversation: Conversation): Promise<Reply>;
  /** Writes down what a reply cost. */
  recordReply(task: Task, turn: number, reply: Reply): Promise<void>;
  act(task: Task, project: ProjectSetup, turn: number, reply: Reply, before: string): Promise<Action>;
}

const minuteMs = 60_000;

export function createHalfTurns({
  store,
  outputs,
  workspaces,
  model,
  modelOf,
  publisher,
  stops,
  steering,
}: Parts): HalfTurns {
  return {
    ask: (task, _turn, conversation) =>
      stops.during(task.runId, 'all', async (signal) => {
        publisher.follow(task.runId);
        const tools = selectTools(task.agent.tools).map(({ definition }) => definition);
        const stopped = await stops.read(task.runId);
        if (stopped) return stoppedReply(stopped.reason);
        try {
          const system = systemPrompt(task.agent);
          return await model.ask({ model: modelOf(task.agent), system, tools, conversation, signal });
        } catch (error) {
          const stop = signal.aborted ? await stops.read(task.runId) : null;
          if (!stop?.keep) throw error;
          return stoppedReply(stop.reason);
        }
      }),

    recordReply: async (task, turn, reply) => {
      if (reply.stopReason === 'stopped') return;
      const used = modelOf(task.agent);
      await store.recordSpend(task.runId, { turn, model: used.id, ...reply.usage, dollars: reply.dollars });
      await store.appendEvent(task.runId, {
        type: 'asked',
        turn,
        ...reply.usage,
        dollars: reply.dollars,
        durationMs: reply.durationMs,
        said: await publisher.redact(firstWords(reply)),
      });
    },

    act: (task, project, turn, reply, before) =>
      stops.during(task.runId, 'all', async (signal) => {
        publisher.follow(task.runId);
        const workspace = await openWorkspace(workspaces, task, project);
        // After a crash, or on another machine, the tree is first made what it was when the model gave this reply.
        if (workspace.treeCommit !== before) {
          await workspace.restore(before);
          await bringOutputs(outputs, task.runId, workspace.outputsFolder);
        }
        workspace.markDirty();
        const { timeouts } = task.settings;
        const { reports, ...done } = await act(reply, turn, selectTools(task.agent.tools), {
          workspace,
          signal,
          test: project.test,
          commandTimeoutMs: timeouts.command * minuteMs,
          testTimeoutMs: timeouts.test * minuteMs,
          runTests: (files) => {
            if (!project.test) throw new Error('run_tests was called without a test command');
            return runTests(workspace.sandbox, project.test, {
              timeoutMs: timeouts.test * minuteMs,
              signal,
              ...(files && { files }),
            });
          },
        });
        await keepOutputs(outputs, task.runId, workspace.outputsFolder, turn);
        const { commit } = await workspace.checkpoint();
        const tools = await Promise.all(
          reports.map(async (report) => ({ ...report, summary: await publisher.redact(report.summary) })),
        );
        await store.appendEvent(task.runId, { type: 'acted', turn, tools, checkpoint: commit });
        const said = await steering.hear(task.runId, turn, done.outcome !== null);
        return { ...steerAgent(done, reply, said), checkpoint: commit };
      }),
  };
}

/** The agent's part of the story, put together from half turns that are durable. */
export function createWork(
  config: Config,
  halfTurns: HalfTurns,
  modelOf: (agent: Agent) => Model,
): ImplementIssueSteps['work'] {
  return (task, project, conversation) =>
    workOnTask(
      {
        ask: async (turn, conversation) => {
          const reply = await halfTurns.ask(task, turn, conversation);
          await halfTurns.recordReply(task, turn, reply);
          return reply;
        },
        act: (turn, reply, checkpoint) => halfTurns.act(task, project, turn, reply, checkpoint),
      },
      {
        // What is said is added to it, and what a step returned is the engine's.
        conversation: structuredClone(conversation),
        startCommit: task.start.commit,
        budget: budgetOf(config, task),
        model: modelOf(task.agent).id,
      },
    );
}

/** A repository may ask for less time than the operator allows, never for more. */
function budgetOf({ budget }: Config, task: Task): Budget {
  return { ...budget, minutes: Math.min(budget.minutes, task.settings.timeouts.run) };
}

function firstWords(reply: Reply): string {
  const text = reply.content.find((block) => block.type === 'text')?.text.trim() ?? '';
  return (text.split('\n')[0] ?? '').slice(0, 200).toWellFormed();
}

/** What there is in the place of a reply when people have ended the work, and want to keep it. */
function stoppedReply(reason: string): Reply {
  const usage = { inputTokens: 0, cacheWriteTokens: 0, cacheReadTokens: 0, outputTokens: 0 };
  return {
    content: [],
    stopReason: 'stopped',
    stoppedReason: reason,
    usage,
    dollars: 0,
    at: Date.now(),
    durationMs: 0,
  };
}
