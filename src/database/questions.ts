import type { Trigger } from '../task/task.js';
import type { rowsOf } from './rows-of.js';
import type { IssueKey } from './run-store.js';

/**
 * A run that took no question from people: it was ended in line, or nobody had asked for it and it has given way, or would have
 * to.
 */
const passedOver = `(status = 'settled' and started_at is null or outcome ->> 'superseded' is not null
  or status <> 'settled' and trigger ->> 'kind' in ('ci-failure', 'conflict'))`;

/** Of the person who answered, so soon after it: more of the answer. */
const moreOfAnswer = '5 minutes';

/** What people were asked, and whether they have answered, as part of the control store. */
export function createQuestions(rows: ReturnType<typeof rowsOf>) {
  return {
    /** The newest run of the issue, when it ended with a question that nobody answered yet. */
    async findOpenQuestion({ repositoryId, number }: IssueKey): Promise<string | null> {
      const [row] = await rows(
        `select id, outcome, question_closed_at from pullwright.runs
         where repository_id = $1 and issue_number = $2 and not ${passedOver} order by created_at desc limit 1`,
        [repositoryId, number],
      );
      return row?.outcome?.kind === 'question' && row.question_closed_at === null ? row.id : null;
    },

    /** Whether a run has shown its question to people, and is not settled yet. */
    async isAsking({ repositoryId, number }: IssueKey): Promise<boolean> {
      const found = await rows(
        `select from pullwright.runs join pullwright.run_events on run_id = runs.id
         where repository_id = $1 and issue_number = $2 and status <> 'settled'
           and key = 'settled' and event #>> '{outcome,kind}' = 'question' limit 1`,
        [repositoryId, number],
      );
      return found.length > 0;
    },

    /** Whether a run goes on with what the same person answered just before. */
    async isMoreOfAnswer({ repository, issue, sender, at, onPullRequest }: Trigger): Promise<boolean> {
      if (onPullRequest) return false;
      const found = await rows(
        `select from pullwright.runs
         where repository_id = $1 and issue_number = $2 and status <> 'settled' and trigger ->> 'kind' = 'answer'
           and trigger #>> '{sender,id}' = $3
           and $4::timestamptz between (trigger ->> 'at')::timestamptz
             and (trigger ->> 'at')::timestamptz + interval '${moreOfAnswer}' limit 1`,
        [repository.id, issue.number, String(sender.id), at],
      );
      return found.length > 0;
    },

    /** The issue or pull request where the run before this one ended with a question that is still open: its label is on there. */
    async findAskedPlace({ repositoryId, number }: IssueKey, id: string): Promise<number | null> {
      const [row] = await rows(
        `select outcome ->> 'kind' = 'question' and question_closed_at is null as open, (trigger #>> '{issue,number}')::int as place from pullwright.runs
         where repository_id = $1 and issue_number = $2 and id <> $3 and not ${passedOver}
           and created_at <= (select created_at from pullwright.runs where id = $3)
         order by created_at desc limit 1`,
        [repositoryId, number, id],
      );
      return row?.open ? row.place : null;
    },

    /** Questions that nobody answered for so long, and what is due. */
    async listUnanswered(
      remindAfterMs: number,
      closeAfterMs: number,
    ): Promise<{ id: string; what: 'remind' | 'close' }[]> {
      return rows(
        `select id, what from (
           select id, case when settled_at <= now() - make_interval(secs => $2) then 'close' else 'remind' end as what,
             reminded_at
           from pullwright.runs r
           where outcome ->> 'kind' = 'question' and question_closed_at is null
             and settled_at <= now() - make_interval(secs => least($1, $2))
             and not exists (select from pullwright.runs later where later.repository_id = r.repository_id
               and later.issue_number = r.issue_number and later.created_at > r.created_at and not ${passedOver})) due
         where what = 'close' or reminded_at is null limit 50`,
        [remindAfterMs / 1000, closeAfterMs / 1000],
      );
    },

    async markReminded(id: string, what: 'remind' | 'close'): Promise<void> {
      const column = what === 'close' ? 'question_closed_at' : 'reminded_at';
      await rows(`update pullwright.runs set ${column} = now() where id = $1`, [id]);
    },
  };
}
