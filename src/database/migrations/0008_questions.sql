-- Up Migration

-- When people were reminded of what the run asked them, and when that was given up.
alter table runs add column reminded_at timestamptz;
alter table runs add column question_closed_at timestamptz;
