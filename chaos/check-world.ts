import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { ChaosIssue } from './chaos-issue.js';
import { checkIssue } from './check-issue.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import type { ChaosWorld } from './start-chaos-world.js';

const unfinishedSql = `
  select 'delivery ' || id as what from pullwright.deliveries where result is null
  union all select 'run ' || id::text from pullwright.runs where status <> 'settled'
  union all select 'workflow ' || workflow_uuid || ' (' || name || ', ' || status || ')'
    from dbos.workflow_status where status in ('PENDING', 'ENQUEUED', 'DELAYED')`;

/**
 * Waits until all work has ended. Then checks every issue and the database, and stops everything. The
 * returned faults include leftovers, crashes of the app, and requests that GitHub or the Messages API would
 * reject.
 */
export async function checkWorld(
  world: ChaosWorld,
  issues: readonly ChaosIssue[],
  timeoutMs: number,
): Promise<Findings> {
  await waitUntilQuiet(world, timeoutMs);
  const findings = await world.withDatabase(async (client) => {
    const each: Findings[] = [];
    for (const issue of issues) each.push(await checkIssue(world, client, issue));
    return addFindings([...each, await checkDatabase(client)]);
  });
  const left = await world.stop();
  findings.faults.push(...left, ...world.app.faults, ...world.github.violations, ...world.model.violations);
  return findings;
}

/** Returns whether all work has ended. */
export function isQuiet(world: ChaosWorld): Promise<boolean> {
  return world.withDatabase(async (client) => (await client.query(unfinishedSql)).rowCount === 0);
}

/**
 * Waits until the database shows that all work has ended, or until `timeoutMs` has passed. The comments on
 * GitHub are not enough, because a run still has to delete its folder after its last comment.
 */
async function waitUntilQuiet(world: ChaosWorld, timeoutMs: number): Promise<void> {
  await world.withDatabase(async (client) => {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(100))
      if ((await client.query(unfinishedSql)).rowCount === 0) return;
  });
}

async function checkDatabase(client: pg.Client): Promise<Findings> {
  const findings = noFindings();
  const { rows: open } = await client.query<{ what: string }>(unfinishedSql);
  findings.lost = open.length;
  findings.faults = open.map(({ what }) => `${what} never ended`);
  const { rows: failed } = await client.query(
    `select workflow_uuid, name, status, error from dbos.workflow_status
     where status not in ('SUCCESS', 'PENDING', 'ENQUEUED', 'DELAYED')`,
  );
  for (const { workflow_uuid, name, status, error } of failed)
    findings.faults.push(
      `workflow ${workflow_uuid} (${name}) ended as ${status}: ${String(error).slice(0, 500)}`,
    );
  return findings;
}
