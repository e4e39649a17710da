import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { KillPoint } from './kill-points.js';
import type { ChaosWorld } from './start-chaos-world.js';

/*
 * Kills the app at a chosen step without changing the app. Triggers on the tables of the workflow engine wait
 * for a lock, which the chaos test holds. To the app, the database only seems to be slow.
 */

/** Key of an advisory lock in Postgres. Nothing else in this database uses this key. */
const lockKey = 41_007_733;

const triggersSql = `
create schema if not exists chaos;
create table if not exists chaos.kill_points (id int, workflow text, step text, position int, moment text);

create or replace function chaos.wait_here() returns trigger language plpgsql as $$
declare
  _workflow text; _step text; _position int := -1; _id int;
begin
  if tg_table_name = 'operation_outputs' then
    select name into _workflow from dbos.workflow_status where workflow_uuid = new.workflow_uuid;
    _step := new.function_name;
    _position := new.function_id;
  else
    if tg_op = 'UPDATE' and old.status = new.status then return new; end if;
    _workflow := new.name;
    _step := case new.status when 'ENQUEUED' then 'is queued' when 'PENDING' then 'is started' else 'is ended' end;
  end if;
  select id into _id from chaos.kill_points
    where workflow = _workflow and step = _step and coalesce(position, _position) = _position
      and moment = tg_argv[0];
  if found then
    -- Other connections see this name immediately. They would see a new row only after the commit.
    perform set_config('application_name', concat_ws(' ', _id, _position, new.workflow_uuid), true);
    perform pg_advisory_xact_lock(${lockKey});
  end if;
  return new;
end $$;

create or replace trigger chaos_before before insert on dbos.operation_outputs
  for each row execute function chaos.wait_here('before');
create or replace trigger chaos_before before insert or update of status on dbos.workflow_status
  for each row execute function chaos.wait_here('before');
-- Deferred triggers wait within the commit. Once the lock is released, the row is stored even if the app is dead.
drop trigger if exists chaos_after on dbos.operation_outputs;
create constraint trigger chaos_after after insert on dbos.operation_outputs
  deferrable initially deferred for each row execute function chaos.wait_here('after');
drop trigger if exists chaos_after on dbos.workflow_status;
create constraint trigger chaos_after after insert or update of status on dbos.workflow_status
  deferrable initially deferred for each row execute function chaos.wait_here('after');
`;

/** Installs the triggers. Call this once, after the app has created the tables of the workflow engine. */
export async function installTriggers(world: ChaosWorld): Promise<void> {
  await world.withDatabase((client) => client.query(triggersSql));
}

/** A server process of Postgres that waits in a trigger because a workflow has reached a kill point. */
interface Waiting {
  pid: number;
  killPoint: KillPoint;
  position: number;
  workflowId: string;
}

/**
 * Kills the app as soon as a workflow reaches one of these kill points, and starts the app again.
 * @param isOver called repeatedly; returns true when no workflow will reach a kill point any more
 * @returns the kill point of each workflow that had reached one when the app was killed; empty when `isOver`
 * returned true first
 */
export async function killAtFirst(
  world: ChaosWorld,
  killPoints: readonly KillPoint[],
  isOver: () => Promise<boolean>,
): Promise<{ killedAt: KillPoint[]; faults: string[] }> {
  return world.withDatabase(async (client) => {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    for (const [id, { workflow, step, position, when }] of killPoints.entries())
      await client.query('insert into chaos.kill_points values ($1, $2, $3, $4, $5)', [
        id,
        workflow,
        step,
        position,
        when,
      ]);
    if (!(await waitUntilReached(client, killPoints, isOver))) {
      await release(client);
      return { killedAt: [], faults: [] };
    }
    let waiting: Waiting[] = [];
    const faults: string[] = [];
    await world.app.kill(async () => {
      // Another workflow may have reached its kill point in the meantime.
      waiting = await listWaiting(client, killPoints);
      // While a server process waits for a lock, it does not notice that its client is dead. Terminate it.
      // Otherwise, it would store the row when the lock is released.
      for (const { pid, killPoint } of waiting)
        if (killPoint.when === 'before') await client.query('select pg_terminate_backend($1)', [pid]);
      await release(client);
      await waitUntilGone(
        client,
        waiting.map(({ pid }) => pid),
      );
      for (const one of waiting) faults.push(...(await checkRow(client, one)));
    });
    return { killedAt: waiting.map(({ killPoint }) => killPoint), faults };
  });
}

/**
 * Waits until a workflow reaches a kill point.
 * @returns false when `isOver` returned true first
 */
async function waitUntilReached(
  client: pg.Client,
  killPoints: readonly KillPoint[],
  isOver: () => Promise<boolean>,
): Promise<boolean> {
  for (;;) {
    const over = await isOver();
    if ((await listWaiting(client, killPoints)).length > 0) return true;
    if (over) return false;
    await pause(15);
  }
}

async function listWaiting(client: pg.Client, killPoints: readonly KillPoint[]): Promise<Waiting[]> {
  const { rows } = await client.query<{ pid: number; name: string }>(
    `select pid, application_name as name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and objid = $1 and not granted`,
    [lockKey],
  );
  return rows.flatMap(({ pid, name }) => {
    const [id, position, workflowId = ''] = name.split(' ');
    const killPoint = killPoints[Number(id)];
    return killPoint ? [{ pid, killPoint, position: Number(position), workflowId }] : [];
  });
}

async function release(client: pg.Client): Promise<void> {
  await client.query('delete from chaos.kill_points');
  await client.query('select pg_advisory_unlock($1)', [lockKey]);
}

/**
 * Waits until these server processes have ended. After that, their rows are either stored or lost for good.
 */
async function waitUntilGone(client: pg.Client, pids: readonly number[]): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query('select from pg_stat_activity where pid = any($1::int[])', [
      pids,
    ]);
    if (rowCount === 0) return;
    await pause(10);
  }
}

/**
 * Checks that the app was killed at the right moment. The row of the step must be stored if the kill point is
 * after the step, and must not be stored if it is before the step.
 */
async function checkRow(
  client: pg.Client,
  { killPoint: { when }, position, workflowId }: Waiting,
): Promise<string[]> {
  if (position < 0) return [];
  const sql = 'select from dbos.operation_outputs where workflow_uuid = $1 and function_id = $2';
  const isStored = (await client.query(sql, [workflowId, position])).rowCount === 1;
  if (isStored === (when === 'after')) return [];
  return [
    `step ${position} of ${workflowId} ${isStored ? 'is stored, although the app was killed before it' : 'was lost'}`,
  ];
}
