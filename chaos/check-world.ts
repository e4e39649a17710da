import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { ChaosIssue } from './chaos-issue.js';
import { checkIssue } from './check-issue.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import type { ChaosWorld } from './start-chaos-world.js';

const unfinished = `
  select 'delivery ' || id as what from pullwright.deliveries where result is null
  union all select 'run ' || id::text from pullwright.runs where status <> 'settled'
  union all select 'workflow ' || workflow_uuid || ' (' || name || ', ' || status || ')'
    from dbos.workflow_status where status in ('PENDING', 'ENQUEUED', 'DELAYED')`;

/**
 * Waits until nothing is under way any more, then reads everything, stops the world, and looks at what is left of it. An
 * app that ended by itself, a request that GitHub would refuse, a process or a folder that is left: all of it counts.
 */
export async function checkWorld(
  world: ChaosWorld,
  issues: readonly ChaosIssue[],
  patienceMs: number,
): Promise<Findings> {
  await waitForPeace(world, patienceMs);
  const findings = await world.withDatabase(async (client) => {
    const each: Findings[] = [];
    for (const issue of issues) each.push(await checkIssue(world, client, issue));
    return addFindings([...each, await checkDatabase(client)]);
  });
  const left = await world.stop();
  findings.faults.push(...left, ...world.app.faults, ...world.github.violations, ...world.model.violations);
  return findings;
}

/** Whether nothing is under way. */
export function isQuiet(world: ChaosWorld): Promise<boolean> {
  return world.withDatabase(async (client) => (await client.query(unfinished)).rowCount === 0);
}

/** The last word on an issue is written a moment before its run is settled and its folder gone. */
async function waitForPeace(world: ChaosWorld, patienceMs: number): Promise<void> {
  await world.withDatabase(async (client) => {
    for (const end = Date.now() + patienceMs; Date.now() < end; await pause(100))
      if ((await client.query(unfinished)).rowCount === 0) return;
  });
}

async function checkDatabase(client: pg.Client): Promise<Findings> {
  const findings = noFindings();
  const { rows: open } = await client.query<{ what: string }>(unfinished);
  findings.lost = open.length;
  findings.faults = open.map(({ what }) => `${what} never came to an end`);
  const { rows: failed } = await client.query(
    "select workflow_uuid, name, status, error from dbos.workflow_status where status not in ('SUCCESS', 'PENDING', 'ENQUEUED', 'DELAYED')",
  );
  for (const { workflow_uuid, name, status, error } of failed)
    findings.faults.push(
      `workflow ${workflow_uuid} (${name}) ended as ${status}: ${String(error).slice(0, 500)}`,
    );
  return findings;
}
