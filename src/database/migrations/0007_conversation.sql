-- Up Migration

-- Which story the run is: `implement-issue`, or `answer-review` for what is said of its pull request.
alter table runs add column story text not null default 'implement-issue'
  check (story in ('implement-issue', 'answer-review'));
-- People's word that it has to end, while it goes on: { because, keep }.
alter table runs add column stop jsonb;

-- What is said of a pull request is worked on in order, so several of these may wait.
drop index one_live_run_per_issue;
create unique index one_live_run_per_issue on runs (repository_id, issue_number)
  where status <> 'settled' and story = 'implement-issue';
create index runs_by_issue on runs (repository_id, issue_number, created_at desc);
create index issues_by_pull_request on issues (repository_id, pull_request);
