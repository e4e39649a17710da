-- Up Migration

-- When the run's issue was told of it: before, nothing is done that would be written there as well.
alter table runs add column announced_at timestamptz;
-- When it got its place among those that may be worked on; null while a limit holds it back.
alter table runs add column admitted_at timestamptz;
-- The limit that holds it back, as people were told.
alter table runs add column held_because text;
update runs set announced_at = created_at, admitted_at = created_at;
create index runs_by_admission on runs (admitted_at);
create index spend_by_time on spend (at);
