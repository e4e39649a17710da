import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { probeText } from '../../../src/model/side-requests.js';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  // Probes the model's API every second.
  world = await startWorld({ RECONCILE_MINUTES: '0.017', PULLWRIGHT_CONCURRENCY: '2' });
  world.model.script({ when: probeText, turns: [{ say: 'OK' }] });
});

afterAll(() => world.stop());

const logged = (text: string) => world.app.log.filter((line) => line.includes(text));
const turns: ScriptedTurn[] = [{ calls: [['bash', { command: 'ls' }]] }, ...solveMinimalProject];
const prepare = () => world.prepareIssue({ files: minimalProject, turns });

test('all runs wait while the API refuses the account, and then continue by themselves', async () => {
  const { model } = world;
  const working = await prepare();
  const { run, release } = await world.labelAndHold(working);
  model.refuseAccount('billing');
  release();
  const said =
    /\*\*Waiting:\*\* the model's API reports a billing problem of this server's account .*402.*the operator of this server has been told/;
  // The API had accepted the first request before, so the run waits in its second turn.
  await run.says(said);

  const queued = await prepare();
  const late = await (await world.label(queued)).run();
  await late.says(said);
  expect((await late.events()).map(({ type }) => type)).toEqual(['accepted', 'queued', 'held']);
  const told = "all runs wait, because the model's API refuses this server's account";
  expect(logged(told)).toHaveLength(1);
  expect(JSON.parse(logged(told)[0] ?? '')).toMatchObject({
    level: 'error',
    apiMessage: expect.stringContaining('Check your payment details.'),
  });

  model.refuseAccount(null);
  for (const one of [run, late]) expect((await one.settled()).outcome.kind).toBe('pull-request');
  expect(logged(told)).toHaveLength(1);
  expect(await world.database.query('select * from pullwright.account_hold')).toEqual([]);
  const replies = await world.database.query(
    "select run_id from pullwright.spend where purpose = 'reply' and ending <> 'complete'",
  );
  expect(replies).toEqual([]);
});
