import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { EmbeddedPostgres } from '../src/engine/embedded-postgres.js';
import { findProcesses } from '../test/support/find-processes.js';
import type { LocalGitHub } from '../test/support/local-github/start-local-github.js';
import type { ScriptedModel } from '../test/support/scripted-model/start-scripted-model.js';

export interface ChaosIssue {
  name: string;
  number: number;
  title: string;
  turns: number;
}

export interface Results {
  pullRequests: number;
  /** Issues without their one pull request, and deliveries or runs that never came to an end. */
  lost: number;
  /** Issues with more than one pull request or progress comment. */
  doubled: number;
  /** Turns that the model was asked for again after their reply was stored. */
  boughtTwice: number;
  faults: string[];
}

/** Reads what GitHub and the database hold, by no code of the product's. */
export async function checkResults(world: {
  postgres: EmbeddedPostgres;
  github: LocalGitHub;
  model: ScriptedModel;
  issues: readonly ChaosIssue[];
  home: string;
  folder: string;
}): Promise<Results> {
  const { postgres, github, model, issues, home, folder } = world;
  const results: Results = { pullRequests: 0, lost: 0, doubled: 0, boughtTwice: 0, faults: [] };
  for (const { name, number } of issues) {
    const pulls = github.pullRequests(name).filter(({ pull }) => pull.head === `pullwright/issue-${number}`);
    const comments = github
      .botComments(name, number)
      .filter(({ body }) => body.includes('<!-- pullwright:progress -->'));
    results.pullRequests += pulls.length;
    if (pulls.length === 0) {
      results.lost += 1;
      results.faults.push(
        `${name}#${number} has no pull request: ${comments[0]?.body.split('\n')[0] ?? 'no comment'}`,
      );
    }
    if (pulls.length > 1 || comments.length > 1) {
      results.doubled += 1;
      results.faults.push(
        `${name}#${number} has ${pulls.length} pull requests and ${comments.length} progress comments`,
      );
    }
  }
  await readDatabase(postgres.url, model, issues, results);
  const runs = await readdir(path.join(home, 'runs'));
  if (runs.length > 0) results.faults.push(`folders of runs are left: ${runs.join(', ')}`);
  // A sandbox that was killed with its parent is gone a moment later.
  for (let left = 20; left > 0 && (await findProcesses(path.join(folder, 'home'))).length > 0; left--)
    await pause(100);
  const processes = await findProcesses(path.join(folder, 'home'));
  if (processes.length > 0) results.faults.push(`processes are left: ${processes.join(', ')}`);
  results.faults.push(...github.violations, ...model.violations);
  return results;
}

async function readDatabase(
  url: string,
  model: ScriptedModel,
  issues: readonly ChaosIssue[],
  results: Results,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: open } = await client.query(
      `select 'delivery ' || id as what from pullwright.deliveries where outcome is null
       union all select 'run ' || id::text from pullwright.runs where status <> 'settled'`,
    );
    results.lost += open.length;
    for (const { what } of open) results.faults.push(`${what} never came to an end`);
    const { rows: stored } = await client.query<{ title: string; at: string }>(
      `select trigger->'issue'->>'title' as title, completed_at_epoch_ms as at
       from dbos.operation_outputs join pullwright.runs on runs.id::text = workflow_uuid
       where function_name = 'ask' and error is null order by workflow_uuid, function_id`,
    );
    for (const { title, turns } of issues) {
      const replies = stored.filter((reply) => reply.title === title);
      if (replies.length > turns)
        results.faults.push(`"${title}" has ${replies.length} stored replies for ${turns} turns`);
      replies.slice(0, turns).forEach(({ at }, index) => {
        const again = model.requests.filter(
          ({ body, at: askedAt }) =>
            JSON.stringify(body.messages[0]).includes(title) &&
            body.messages.filter(({ role }) => role === 'assistant').length === index &&
            askedAt > Number(at),
        );
        results.boughtTwice += again.length;
      });
    }
  } finally {
    await client.end();
  }
}
