import type { Steps } from '../../engine/steps.js';
import { act, ask, compactConversation, openConversation, recordReply } from '../run/steps/agent-steps.js';
import { compareApi } from '../run/steps/compare-api.js';
import { measureCoverage, tryMutations } from '../run/steps/coverage-steps.js';
import { recordRunOutcome, tellPeople } from '../run/steps/end-run-steps.js';
import {
  compareTests,
  proveTests,
  runTestsAfter,
  runTestsBefore,
  scanChange,
} from '../run/steps/evidence-steps.js';
import { findChange } from '../run/steps/find-change.js';
import { judgeSubmission } from '../run/steps/judge-submission.js';
import { openPullRequest, push, writeCheckRun } from '../run/steps/publish-steps.js';
import { recordQueries } from '../run/steps/record-queries.js';
import { rehearseMigrations } from '../run/steps/rehearse-migrations.js';
import { setUpChange } from '../run/steps/set-up-change.js';
import { setUpProject } from '../run/steps/set-up-project.js';
import { readTask } from './read-task.js';
import { startRun } from './start-run.js';

/**
 * The steps of `implementIssue`, in order. Each step is durable: its result is stored under its name. A
 * killed run continues after the last stored step. People can stop a run in the middle of a `stoppable` step.
 */
export const implementIssueSteps = {
  startRun: { name: 'start-run', stoppable: true, run: startRun },
  readTask: { name: 'read-task', stoppable: true, run: readTask },
  setUpProject: { name: 'set-up-project', stoppable: true, run: setUpProject },
  runTestsBefore: { name: 'run-tests-before', stoppable: true, run: runTestsBefore },
  openConversation: { name: 'open-conversation', stoppable: true, run: openConversation },
  // Every turn of the agent runs the next three steps. They are not `stoppable`, because `ask` and `act`
  // check for a stop request themselves.
  ask: { name: 'ask', run: ask },
  recordReply: { name: 'record-reply', run: recordReply },
  act: { name: 'act', run: act },
  compactConversation: { name: 'compact-conversation', stoppable: true, run: compactConversation },
  // The next steps until `judge-submission` run each time the agent submits its work.
  findChange: { name: 'find-change', stoppable: true, run: findChange },
  setUpChange: { name: 'set-up-change', stoppable: true, run: setUpChange },
  runTestsAfter: { name: 'run-tests-after', stoppable: true, run: runTestsAfter },
  compareTests: { name: 'compare-tests', stoppable: true, run: compareTests },
  proveTests: { name: 'prove-tests', stoppable: true, run: proveTests },
  rehearseMigrations: { name: 'rehearse-migrations', stoppable: true, run: rehearseMigrations },
  compareApi: { name: 'compare-api', stoppable: true, run: compareApi },
  measureCoverage: { name: 'measure-coverage', stoppable: true, run: measureCoverage },
  recordQueries: { name: 'record-queries', stoppable: true, run: recordQueries },
  tryMutations: { name: 'try-mutations', stoppable: true, run: tryMutations },
  scanChange: { name: 'scan-change', stoppable: true, run: scanChange },
  judgeSubmission: { name: 'judge-submission', stoppable: true, run: judgeSubmission },
  push: { name: 'push', stoppable: true, run: push },
  openPullRequest: { name: 'open-pull-request', run: openPullRequest },
  writeCheckRun: { name: 'write-check-run', run: writeCheckRun },
  tellPeople: { name: 'tell-people', run: tellPeople },
  recordOutcome: { name: 'record-outcome', run: recordRunOutcome },
};
export type ImplementIssueSteps = Steps<typeof implementIssueSteps>;
