import type { Config } from '../config/read-config.js';
import { openDatabase } from '../database/connection/open-database.js';
import type { Queryable } from '../database/queryable.js';
import { readEvents } from '../database/run-events.js';
import { findRun, listRuns } from '../database/runs.js';
import { createLog } from '../log.js';
import type { RecordedEvent } from '../runs/run-event.js';
import { describeEvent } from './describe-event.js';
import { describeRuns } from './describe-run.js';

interface Options {
  /** Whether to print JSON for other programs: one object per line, with every field. */
  json: boolean;
  now: Date;
  print(line: string): void;
}

const mostRuns = 50;

/**
 * Prints the latest runs, newest first, one line each.
 * @returns the exit code
 */
export function showRuns(config: Config, { json, now, print }: Options): Promise<number> {
  return withDatabase(config, async (db) => {
    const runs = await listRuns(db, mostRuns);
    const lines = json ? runs.map((run) => JSON.stringify(run)) : describeRuns(runs, now);
    for (const line of lines) print(escapeControls(line));
    if (!json && runs.length === 0) print('There are no runs yet.');
    return 0;
  });
}

/**
 * Prints everything that one run did, in order, one event per line.
 * @returns the exit code: 1 if there is no such run; 0 otherwise
 */
export function showRun(config: Config, id: string, { json, now, print }: Options): Promise<number> {
  return withDatabase(config, async (db) => {
    const run = /^[0-9a-f-]{36}$/i.test(id) ? await findRun(db, id) : null;
    if (!run) {
      print(escapeControls(`run: expected the id of a run, as in \`pullwright runs\`; found "${id}"`));
      return 1;
    }
    const events = await readEvents(db, run.id);
    const lines = json
      ? events.map((event) => JSON.stringify(event))
      : [...describeRuns([run], now), run.trigger.issue.url, ...events.map(describeRecorded)];
    for (const line of lines) print(escapeControls(line));
    return 0;
  });
}

function describeRecorded({ at, event }: RecordedEvent): string {
  return `${at.toISOString()}  ${describeEvent(event)}`;
}

/**
 * Replaces line breaks and escapes control characters. Events quote the model and people, and their text must
 * not control the terminal. The escapes are also valid inside a JSON string.
 */
function escapeControls(line: string): string {
  return line.replace(/\s*[\r\n]+\s*/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

async function withDatabase<Result>(
  config: Config,
  use: (db: Queryable) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ ...config, log: createLog('warn', []) });
  try {
    return await use(database.pool);
  } finally {
    await database.close({ stopServer: database.ownsServer });
  }
}
