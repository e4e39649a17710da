-- Up Migration

-- Which version of the stories a worker tells: what another version has begun, it cannot go on with.
alter table workers add column stories text not null default 'stories-1';
