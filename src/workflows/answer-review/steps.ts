import type { Conversation, Reply } from '../../agent/turn.js';
import type { Work } from '../../agent/work.js';
import type { Steps } from '../../engine/steps.js';
import type { TestRun } from '../../evidence/evidence.js';
import type { Outcome } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { admitRuns, announceRun } from '../run/admission-control.js';
import { act, ask, openConversation, recordReply } from '../run/agent-steps.js';
import { recordRunOutcome, tellPeople } from '../run/end-run-steps.js';
import {
  compareTests,
  findChange,
  proveTests,
  runTestsAfter,
  runTestsBefore,
  scanChange,
} from '../run/evidence-steps.js';
import type { ProjectSetup } from '../run/project-setup.js';
import { openPullRequest, push, writeCheckRun } from '../run/publish-steps.js';
import type { Report, TestRuns } from '../run/report.js';
import { setUpProject } from '../run/set-up-project.js';
import { answerThreads } from './answer-threads.js';
import type { FeedbackResult } from './answers.js';
import { readFollowUp } from './read-follow-up.js';
import { reserveMerge } from './reserve-merge.js';
import { startFollowUp } from './start-follow-up.js';

/**
 * The steps of `answerReview`, in order. Each is durable: its result is stored under its name, and a killed run
 * continues after the last stored one. People can stop a run in the middle of a `stoppable` step.
 */
export const answerReviewSteps = (d: Dependencies) => ({
  startRun: { name: 'start-run', stoppable: true, run: (run: Run) => startFollowUp(d, run) },
  readTask: { name: 'read-task', stoppable: true, run: (run: Run) => readFollowUp(d, run) },
  setUpProject: { name: 'set-up-project', stoppable: true, run: (task: Task) => setUpProject(d, task) },
  runTestsBefore: {
    name: 'run-tests-before',
    stoppable: true,
    run: (task: Task, project: ProjectSetup) => runTestsBefore(d, task, project),
  },
  openConversation: {
    name: 'open-conversation',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, before: TestRun | null) =>
      openConversation(d, task, project, before),
  },
  // The agent's turns: ask, record, act; ask, record, act. `ask` and `act` watch for a stop themselves.
  ask: {
    name: 'ask',
    run: (task: Task, turn: number, conversation: Conversation) => ask(d, task, turn, conversation),
  },
  recordReply: {
    name: 'record-reply',
    run: (task: Task, turn: number, reply: Reply) => recordReply(d, task, turn, reply),
  },
  act: {
    name: 'act',
    run: (task: Task, project: ProjectSetup, turn: number, reply: Reply, before: string) =>
      act(d, task, project, turn, reply, before),
  },
  findChange: {
    name: 'find-change',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, work: Work) => findChange(d, task, project, work),
  },
  runTestsAfter: {
    name: 'run-tests-after',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, change: string) => runTestsAfter(d, task, project, change),
  },
  compareTests: {
    name: 'compare-tests',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, change: string, runs: TestRuns) =>
      compareTests(d, task, project, change, runs),
  },
  proveTests: {
    name: 'prove-tests',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, change: string, runs: TestRuns) =>
      proveTests(d, task, project, change, runs),
  },
  scanChange: {
    name: 'scan-change',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, change: string, work: Work) =>
      scanChange(d, task, project, change, work),
  },
  push: {
    name: 'push',
    stoppable: true,
    run: (task: Task, project: ProjectSetup, change: string, work: Work) =>
      push(d, task, project, change, work),
  },
  openPullRequest: {
    name: 'open-pull-request',
    run: (task: Task, project: ProjectSetup, report: Report) => openPullRequest(d, task, project, report),
  },
  writeCheckRun: {
    name: 'write-check-run',
    run: (task: Task, report: Report) => writeCheckRun(d, task, report),
  },
  answerThreads: {
    name: 'answer-threads',
    run: (task: Task, result: FeedbackResult) => answerThreads(d, task, result),
  },
  tellPeople: { name: 'tell-people', run: (run: Run, outcome: Outcome) => tellPeople(d, run, outcome) },
  recordOutcome: {
    name: 'record-outcome',
    run: (run: Run, outcome: Outcome) => recordRunOutcome(d, run, outcome),
  },
  reserveMerge: { name: 'reserve-merge', run: (run: Run) => reserveMerge(d, run) },
  announceRun: { name: 'announce-run', run: (run: Run) => announceRun(d, run) },
  admitRun: { name: 'admit-run', run: (run: Run) => admitRuns(d, run.id) },
});
export type AnswerReviewSteps = Steps<ReturnType<typeof answerReviewSteps>>;
