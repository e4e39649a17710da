import type { Steps } from '../../engine/steps.js';
import { admitRun, announceRun } from '../run/control/admission-control.js';
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
import { answerThreads } from './answer-threads.js';
import { readFollowUp } from './read-follow-up.js';
import { reserveMerge } from './reserve-merge.js';
import { startFollowUp } from './start-follow-up.js';

/**
 * The steps of `answerReview`, in order. The steps from `set-up-project` to `write-check-run` are the same as
 * in `implementIssue`.
 */
export const answerReviewSteps = {
  startRun: { name: 'start-run', stoppable: true, run: startFollowUp },
  readTask: { name: 'read-task', stoppable: true, run: readFollowUp },
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
  answerThreads: { name: 'answer-threads', run: answerThreads },
  tellPeople: { name: 'tell-people', run: tellPeople },
  recordOutcome: { name: 'record-outcome', run: recordRunOutcome },
  reserveMerge: { name: 'reserve-merge', run: reserveMerge },
  announceRun: { name: 'announce-run', run: announceRun },
  admitRun: { name: 'admit-run', run: admitRun },
};
export type AnswerReviewSteps = Steps<typeof answerReviewSteps>;
