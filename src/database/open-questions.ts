import { Outcome } from '../runs/outcome.js';
import type { IssueKey } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * SQL condition that is true if a run leaves the question of an earlier run open. There are three cases:
 * (1) The run was settled before it started to work. (2) The run was superseded. (3) The run is live, and its
 * trigger is a CI failure or a merge conflict. If a question is open, a run of case 3 ends as superseded.
 * Every other run closes the question.
 */
const leavesQuestionOpen = `(status = 'settled' and started_at is null or outcome ->> 'superseded' is not null
  or status <> 'settled' and trigger ->> 'kind' in ('ci-failure', 'conflict'))`;

/**
 * If a person answers a question and writes another comment within this time, that comment is part of the
 * answer.
 */
const answerWindow = '5 minutes';

/**
 * Finds the run whose question on the issue is still open.
 * @returns the run's id, or null if no question is open
 */
export async function findOpenQuestion(
  db: Queryable,
  { repositoryId, number }: IssueKey,
): Promise<string | null> {
  const [row] = await rowsOf(
    db,
    `select id, outcome, question_closed_at from pullwright.runs
     where repository_id = $1 and issue_number = $2 and not ${leavesQuestionOpen}
     order by created_at desc limit 1`,
    [repositoryId, number],
  );
  return row?.outcome?.kind === 'question' && row.question_closed_at === null ? row.id : null;
}

/**
 * Returns whether a live run of the issue has recorded a question as its outcome but is not settled yet.
 * People may already see the question.
 */
export async function isAsking(db: Queryable, { repositoryId, number }: IssueKey): Promise<boolean> {
  const found = await rowsOf(
    db,
    `select from pullwright.runs join pullwright.run_events on run_id = runs.id
     where repository_id = $1 and issue_number = $2 and status <> 'settled'
       and key = 'settled' and event #>> '{outcome,kind}' = 'question' limit 1`,
    [repositoryId, number],
  );
  return found.length > 0;
}

/**
 * Returns whether a trigger continues an answer. This requires two things. (1) A live run works on an answer
 * by the sender of the trigger. (2) The sender gave that answer at most `answerWindow` before the trigger.
 */
export async function continuesAnswer(
  db: Queryable,
  { repository, issue, sender, at, onPullRequest }: Trigger,
): Promise<boolean> {
  if (onPullRequest) return false;
  const found = await rowsOf(
    db,
    `select from pullwright.runs
     where repository_id = $1 and issue_number = $2 and status <> 'settled' and trigger ->> 'kind' = 'answer'
       and trigger #>> '{sender,id}' = $3
       and $4::timestamptz between (trigger ->> 'at')::timestamptz
         and (trigger ->> 'at')::timestamptz + interval '${answerWindow}' limit 1`,
    [repository.id, issue.number, String(sender.id), at],
  );
  return found.length > 0;
}

/**
 * Finds the issue or pull request on which a run before `runId` asked a question that is still open. That
 * place has the label `needs-info`.
 * @returns the number of the issue or pull request, or null if no question is open
 */
export async function findAskedPlace(
  db: Queryable,
  { repositoryId, number }: IssueKey,
  runId: string,
): Promise<number | null> {
  const [row] = await rowsOf(
    db,
    `select outcome ->> 'kind' = 'question' and question_closed_at is null as open,
       (trigger #>> '{issue,number}')::int as asked_on
     from pullwright.runs
     where repository_id = $1 and issue_number = $2 and id <> $3 and not ${leavesQuestionOpen}
       and created_at <= (select created_at from pullwright.runs where id = $3)
     order by created_at desc limit 1`,
    [repositoryId, number, runId],
  );
  return row?.open ? row.asked_on : null;
}

/** Returns the questions of the issue's latest settled run, or [] if that run did not end with a question. */
export async function readQuestions(db: Queryable, { repositoryId, number }: IssueKey): Promise<string[]> {
  const [row] = await rowsOf(
    db,
    `select outcome from pullwright.runs where repository_id = $1 and issue_number = $2 and status = 'settled'
     order by settled_at desc limit 1`,
    [repositoryId, number],
  );
  const outcome = row ? Outcome.parse(row.outcome) : null;
  return outcome?.kind === 'question' ? outcome.questions : [];
}

/** A run whose question nobody has answered, and the action that is due. */
export interface UnansweredQuestion {
  runId: string;
  action: 'remind' | 'close';
}

/**
 * Lists at most fifty unanswered questions for which an action is due. The bot sends one reminder for each
 * question, and later closes the question.
 */
export async function listUnansweredQuestions(
  db: Queryable,
  remindAfterMs: number,
  closeAfterMs: number,
): Promise<UnansweredQuestion[]> {
  return rowsOf<UnansweredQuestion>(
    db,
    `select id as "runId", action from (
       select id, reminded_at,
         case when settled_at <= now() - make_interval(secs => $2) then 'close' else 'remind' end as action
       from pullwright.runs r
       where outcome ->> 'kind' = 'question' and question_closed_at is null
         and settled_at <= now() - make_interval(secs => least($1, $2))
         and not exists (select from pullwright.runs later where later.repository_id = r.repository_id
           and later.issue_number = r.issue_number and later.created_at > r.created_at
           and not ${leavesQuestionOpen})) due
     where action = 'close' or reminded_at is null limit 50`,
    [remindAfterMs / 1000, closeAfterMs / 1000],
  );
}

export async function markReminded(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set reminded_at = now() where id = $1', [runId]);
}

/** Records that the bot no longer waits for an answer. */
export async function closeQuestion(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set question_closed_at = now() where id = $1', [runId]);
}
