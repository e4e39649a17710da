import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { ChaosWorld } from './start-chaos-world.js';

/*
 * Stops the app at a chosen step, from outside: triggers on the engine's own tables wait for a lock that the chaos holds. The app
 * knows nothing of it; to it, the database is slow to take a row.
 */

/** A place in a workflow's life at which a kill is tried. */
export interface Moment {
  /** `implement-issue`, `accept-trigger`. */
  workflow: string;
  /** The step's name; or what happens to the workflow itself: `is queued`, `is begun`, `is ended`. */
  step: string;
  /** The step's number within its workflow; -1: it is about the workflow itself; null: the first of that name to come. */
  position: number | null;
  /**
   * `before`: the step is done, and Postgres does not know of it yet. `after`: Postgres knows, the app does not yet know that, and
   * the next step has not begun.
   */
  when: 'before' | 'after';
}

/** Any number that nothing else in this database locks on. */
const lock = 41_007_733;

const triggers = `
create schema if not exists chaos;
create table if not exists chaos.stops (id int, workflow text, step text, position int, moment text);

create or replace function chaos.stop_here() returns trigger language plpgsql as $$
declare
  _workflow text; _step text; _position int := -1; _stop int;
begin
  if tg_table_name = 'operation_outputs' then
    select name into _workflow from dbos.workflow_status where workflow_uuid = new.workflow_uuid;
    _step := new.function_name;
    _position := new.function_id;
  else
    if tg_op = 'UPDATE' and old.status = new.status then return new; end if;
    _workflow := new.name;
    _step := case new.status when 'ENQUEUED' then 'is queued' when 'PENDING' then 'is begun' else 'is ended' end;
  end if;
  select id into _stop from chaos.stops
    where workflow = _workflow and step = _step and coalesce(position, _position) = _position
      and moment = tg_argv[0];
  if found then
    -- Seen from other connections at once, which a row would not be.
    perform set_config('application_name', concat_ws(' ', _stop, _position, new.workflow_uuid), true);
    perform pg_advisory_xact_lock(${lock});
  end if;
  return new;
end $$;

create or replace trigger chaos_before before insert on dbos.operation_outputs
  for each row execute function chaos.stop_here('before');
create or replace trigger chaos_before before insert or update of status on dbos.workflow_status
  for each row execute function chaos.stop_here('before');
-- Deferred: they wait within the commit. When the lock is let go the row is there, whether the app lives or not.
drop trigger if exists chaos_after on dbos.operation_outputs;
create constraint trigger chaos_after after insert on dbos.operation_outputs
  deferrable initially deferred for each row execute function chaos.stop_here('after');
drop trigger if exists chaos_after on dbos.workflow_status;
create constraint trigger chaos_after after insert or update of status on dbos.workflow_status
  deferrable initially deferred for each row execute function chaos.stop_here('after');
`;

/** To be called once, when the app was ready: the engine has its tables then. */
export async function installStops(world: ChaosWorld): Promise<void> {
  await world.withDatabase((client) => client.query(triggers));
}

/** A server process that waits at one of the moments, for one workflow. */
interface Stopped {
  pid: number;
  moment: Moment;
  position: number;
  workflowId: string;
}

/**
 * Kills the app at the first of these moments that any workflow comes to, and starts it again.
 * @param isOver asked while waiting: then nothing comes there any more
 * @returns the moments that it was killed at (more than one where two workflows waited at once); none when it is over
 */
export async function killAtFirst(
  world: ChaosWorld,
  moments: readonly Moment[],
  isOver: () => Promise<boolean>,
): Promise<{ killedAt: Moment[]; faults: string[] }> {
  return world.withDatabase(async (client) => {
    await client.query('select pg_advisory_lock($1)', [lock]);
    for (const [id, { workflow, step, position, when }] of moments.entries())
      await client.query('insert into chaos.stops values ($1, $2, $3, $4, $5)', [
        id,
        workflow,
        step,
        position,
        when,
      ]);
    let stopped = await waitUntilStopped(client, moments, isOver);
    const faults: string[] = [];
    if (stopped.length === 0) {
      await letGo(client);
      return { killedAt: [], faults };
    }
    await world.app.kill(async () => {
      // Another workflow may have come to its moment while the app was being killed.
      stopped = await listStopped(client, moments);
      // A server process that waits for a lock does not see that its client is gone: it would write the row after all.
      for (const { pid, moment } of stopped)
        if (moment.when === 'before') await client.query('select pg_terminate_backend($1)', [pid]);
      await letGo(client);
      await waitUntilGone(
        client,
        stopped.map(({ pid }) => pid),
      );
      for (const one of stopped) faults.push(...(await findWrongRow(client, one)));
    });
    return { killedAt: stopped.map(({ moment }) => moment), faults };
  });
}

async function waitUntilStopped(
  client: pg.Client,
  moments: readonly Moment[],
  isOver: () => Promise<boolean>,
): Promise<Stopped[]> {
  for (;;) {
    const over = await isOver();
    const stopped = await listStopped(client, moments);
    if (stopped.length > 0 || over) return stopped;
    await pause(15);
  }
}

async function listStopped(client: pg.Client, moments: readonly Moment[]): Promise<Stopped[]> {
  const { rows } = await client.query<{ pid: number; name: string }>(
    `select pid, application_name as name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and objid = $1 and not granted`,
    [lock],
  );
  return rows.flatMap(({ pid, name }) => {
    const [id, position, workflowId = ''] = name.split(' ');
    const moment = moments[Number(id)];
    return moment ? [{ pid, moment, position: Number(position), workflowId }] : [];
  });
}

async function letGo(client: pg.Client): Promise<void> {
  await client.query('delete from chaos.stops');
  await client.query('select pg_advisory_unlock($1)', [lock]);
}

/** What they were writing is written by then, or never will be. */
async function waitUntilGone(client: pg.Client, pids: readonly number[]): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query('select from pg_stat_activity where pid = any($1::int[])', [
      pids,
    ]);
    if (rowCount === 0) return;
    await pause(10);
  }
}

async function findWrongRow(
  client: pg.Client,
  { moment: { when }, position, workflowId }: Stopped,
): Promise<string[]> {
  if (position < 0) return [];
  const sql = 'select from dbos.operation_outputs where workflow_uuid = $1 and function_id = $2';
  const there = (await client.query(sql, [workflowId, position])).rowCount === 1;
  if (there === (when === 'after')) return [];
  return [
    `step ${position} of ${workflowId} ${there ? 'is recorded, though the app was killed before' : 'was lost'}`,
  ];
}

/** The steps of everything that was done for one issue, in order, each before and after it is recorded. */
export async function listMoments(world: ChaosWorld, name: string, number: number): Promise<Moment[]> {
  const places = await world.withDatabase(async (client) => {
    const { rows } = await client.query<Omit<Moment, 'when'>>(
      `with own as (
         select id::text as run, 'accept-' || delivery_id as accept from pullwright.runs
         where repository = $1 and issue_number = $2
       ), found as (
         select workflow_uuid, name as workflow, workflow_uuid = run as is_run
         from dbos.workflow_status, own where workflow_uuid in (run, accept)
       ), places as (
         select is_run, workflow, function_name as step, function_id as position, function_id as place
         from dbos.operation_outputs join found using (workflow_uuid)
         union all select is_run, workflow, 'is queued', -1, -2 from found
         union all select is_run, workflow, 'is begun', -1, -1 from found
         union all select is_run, workflow, 'is ended', -1, 1000000 from found
       )
       select workflow, step, position from places order by is_run, place`,
      [name, number],
    );
    return rows;
  });
  return places.flatMap((place) => [
    { ...place, when: 'before' as const },
    { ...place, when: 'after' as const },
  ]);
}
