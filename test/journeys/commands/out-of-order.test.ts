import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { webhookSecret } from '../../support/start-app.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { TriggerHandle } from '../../support/world/trigger-handle.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

describe('deliveries that arrive out of order within a minute', () => {
  /**
   * Acts while no delivery gets through, and delivers everything afterwards, the last one first.
   * @returns a handle on the first action
   */
  const deliverBackwards = async (acts: Parameters<World['act']>[0][]): Promise<TriggerHandle> => {
    const { github, app } = world;
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const handles: TriggerHandle[] = [];
    for (const act of acts) handles.push(await world.act(act));
    github.setWebhook(app.webhookUrl, webhookSecret);
    for (const { delivery } of handles.toReversed())
      expect((await github.redeliver(delivery.id))?.statusCode).toBe(200);
    return handles[0] as TriggerHandle;
  };
  const runsOf = (name: string) =>
    world.database.query('select id from pullwright.runs where repository = $1', [name]);

  test.each(['closed', 'unlabeled'])('%s arrives before labeled: no run starts', async (end) => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    const label = await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () =>
        end === 'closed'
          ? github.closeIssue(name, number, 'ada')
          : github.unlabel(name, number, 'backend', 'ada'),
    ]);
    expect(await label.answered()).toBe('ignored');
    expect(await runsOf(name)).toEqual([]);
    expect(github.botComments(name, number)).toEqual([]);
  });

  test('closed arrives before an older command: no run starts', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    const command = await deliverBackwards([
      () => github.comment(name, number, '/implement', 'ada'),
      () => github.closeIssue(name, number, 'ada'),
    ]);
    expect(await command.answered()).toBe('ignored');
    expect(await runsOf(name)).toEqual([]);
  });

  test('removing a label and adding it again at once requests the work again', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const first = await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () => github.unlabel(name, number, 'backend', 'ada'),
    ]);
    // The label is judged by what GitHub has then. Without this wait, that could be the label added next.
    expect(await first.answered()).toBe('ignored');
    const again = await world.label({ name, number });
    expect((await again.settled()).outcome.kind).toBe('pull-request');
  });

  test.each([
    ['closed', 'The issue was closed while the run was queued.'],
    ['unlabeled', 'The request was withdrawn before the run started.'],
  ])(
    '%s while permissions are being checked: the run ends before it starts, and people are told',
    async (end, reason) => {
      const { github, model } = world;
      const { name, number, title } = await world.prepareIssue({
        files: minimalProject,
        turns: solveMinimalProject,
      });
      const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
      const asked = await world.label({ name, number });
      await held.reached;
      const ended = await world.act(() =>
        end === 'closed'
          ? github.closeIssue(name, number, 'ada')
          : github.unlabel(name, number, 'backend', 'ada'),
      );
      expect(await ended.answered()).toBe('stopped 0');
      held.release();
      expect((await asked.settled()).outcome).toEqual({ kind: 'stopped', reason });
      expect(world.progress(name, number)).toContain(reason);
      expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
    },
  );
});

describe('a late delivery', () => {
  test('does not end a run that was requested after it', async () => {
    const { github, app } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const stop = await world.comment(issue, '/stop');
    const retry = await world.comment(issue, '/retry');
    const close = await world.close(issue);
    await github.reopenIssue(issue.name, issue.number, 'ada');
    // An hour ago, by GitHub's clock.
    const then = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
    for (const { delivery } of [stop, retry, close]) {
      const payload = delivery.request.payload as {
        issue: { updated_at: string };
        comment?: { created_at: string };
      };
      payload.issue.updated_at = then;
      if (payload.comment) payload.comment.created_at = then;
    }
    // Also for the look at what was missed that a start begins with.
    for (const comment of github.state.issue(github.state.repository(issue.name), issue.number).comments)
      Object.assign(comment, { createdAt: then, updatedAt: then });
    github.setWebhook(app.webhookUrl, webhookSecret);
    const { run, release } = await world.labelAndHold(issue);
    for (const { delivery } of [stop, retry, close]) await github.redeliver(delivery.id);
    await stop.reply('No run is in progress here');
    await retry.reply('Something else was requested here after this command.');
    expect(await close.answered()).toBe('stopped 0');
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
  });

  test('/stop right after /implement ends the run before it starts', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
    const asked = await world.comment({ name, number }, '/implement');
    await held.reached;
    const stop = await world.comment({ name, number }, '/stop');
    await stop.reply('No run is in progress here');
    held.release();
    expect((await asked.settled()).outcome).toEqual({ kind: 'stopped', reason: '@ada stopped the run.' });
    expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
  });

  test('/retry of a closed issue is refused with the reason, also by the button', async () => {
    const { github } = world;
    const issue = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    const refusal = '@ada, I did not do this: The issue is closed. Reopen it first.';
    await world.close(issue);
    const retry = await world.comment(issue, '/retry');
    await retry.reply(refusal);
    const headSha = String(issue.pulls[0]?.pull.headSha);
    const button = await world.act(() => github.pressButton(issue.name, headSha, 'retry', 'ada'));
    await button.reply(refusal);
    const sql = 'select from pullwright.runs where repository = $1';
    const runs = await world.database.query(sql, [issue.name]);
    expect(runs).toHaveLength(1);
  });
});
