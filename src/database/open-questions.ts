import { Outcome } from '../runs/outcome.js';
import type { IssueKey } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * Runs that leave an earlier question open: those that settled before they started, those that were
 * superseded, and live ones that nobody requested and that will be superseded by the question.
 */
const leavesQuestionOpen = `(status = 'settled' and started_at is null or outcome ->> 'superseded' is not null
  or status <> 'settled' and trigger ->> 'kind' in ('ci-failure', 'conflict'))`;

/** A comment by the person who answered, this soon after the answer, continues the answer. */
const answerWindow = '5 minutes';

/** The id of the issue's newest run, if it ended with a question that nobody has answered. */
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

/** Whether a live run of the issue has shown its question to people and is about to settle. */
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

/** Whether a live run works with an answer that the same person gave shortly before this trigger. */
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
 * The number of the issue or pull request where the run before `runId` asked a question that is still open.
 * The label that marks the question is on it.
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

/** The questions of the issue's latest settled run; [] when it did not end with a question. */
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

/** At most fifty questions. A question is due for one reminder, and then to be closed. */
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

/** From now on nobody waits for an answer. */
export async function closeQuestion(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set question_closed_at = now() where id = $1', [runId]);
}
