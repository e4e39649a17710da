import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import {
  minimalProject,
  minimalProjectWith,
  runAndSubmit,
  submitGreeting,
} from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

/** Put together here, so that no scanner takes this file for a leak. */
const token = ['gh', 'p_', 'Zk3q9TmW2xLb7RvN5cYh8DsF1gJa4PeUoQiX'].join('');
const leak = runAndSubmit(`echo 'token=${token}' >> greeting.txt`);
const told: ScriptedTurn['expect'] = [
  'Not accepted yet: your change contains what looks like credentials.',
  '- greeting.txt:2 contains what looks like a GitHub token',
];
const greetingOf = (name: string, number: number) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

describe('what looks like a credential in a change', () => {
  test('goes back to the agent, which removes it, even if the worker dies in between', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [
        ...leak,
        {
          expect: told,
          calls: [['bash', { command: "printf 'hello\\nhello Ada\\n' > greeting.txt" }], submitGreeting],
        },
      ],
    });
    const held = model.hold(2, title);
    const run = await (await world.label({ name, number })).run();
    await held.reached;
    await world.app.kill();
    held.release();
    await world.startAgain();
    const { outcome, id } = await run.settled();
    expect(outcome.kind).toBe('pull-request');
    expect(await greetingOf(name, number)).toBe('hello\nhello Ada\n');
    expect(github.pullRequests(name)).toMatchObject([{ pull: { draft: false } }]);
    const events = (await world.run(id).events()).filter(({ type }) => type === 'submission-returned');
    const because = ['what looks like credentials is in 1 place'];
    expect(events).toEqual([{ type: 'submission-returned', turn: 1, because }]);
    expect(world.progress(name, number)).toContain(
      '- submit returned: what looks like credentials is in 1 place',
    );
  });

  test('leads to a draft with an annotation if it stays, until a person allows it', async () => {
    const { github } = world;
    const { outcome, comment, pulls, name, number, id } = await runIssue(world, {
      files: minimalProject,
      turns: [...leak, { expect: told, calls: [submitGreeting] }, { calls: [submitGreeting] }],
    });
    const reason = 'greeting.txt:2 contains what looks like a GitHub token.';
    expect(outcome).toMatchObject({ kind: 'draft', reasons: [reason] });
    expect(comment).toContain(`- ${reason}`);
    expect(pulls).toMatchObject([{ pull: { draft: true } }]);
    expect(pulls[0]?.body).toContain('- `greeting.txt:2` contains what looks like a GitHub token');
    const { checkRuns } = github.state.repository(name);
    expect(checkRuns.at(-1)).toMatchObject({
      conclusion: 'failure',
      annotations: [{ path: 'greeting.txt', start_line: 2, end_line: 2, annotation_level: 'warning' }],
    });
    // The change holds the value. Nothing else tells it.
    const words = [
      comment,
      pulls[0]?.body,
      JSON.stringify(checkRuns),
      JSON.stringify(await world.run(id).events()),
    ];
    expect(`${words.join('\n')}\n${world.app.log.join('\n')}`).not.toContain(token);

    github.setRole(name, 'mallory', 'read');
    const command = '/allow-secret greeting.txt:2';
    const refused = await world.comment({ name, number }, command, 'mallory');
    expect(await refused.answered()).toMatch(/^refused: @mallory does not have write access/);
    const allowed = await world.comment({ name, number }, command);
    await allowed.reply('Allowed. From the next scan on');
    const retried = await world.comment({ name, number }, '/retry');
    expect((await retried.settled()).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(name)[0]?.pull.draft).toBe(false);
    expect(await greetingOf(name, number)).toBe(`hello\ntoken=${token}\n`);
  });

  test('passes if the settings of the base allow it', async () => {
    const { outcome, pulls } = await runIssue(world, {
      files: minimalProjectWith('secrets:\n  allow:\n    - "greeting.*"'),
      turns: leak,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toMatchObject([{ pull: { draft: false } }]);
  });

  test('passes if the base has a Secretlint comment, but not if the change adds one', async () => {
    const base = { 'greeting.txt': '# secretlint-disable\nhello\n' };
    expect((await runIssue(world, { files: base, turns: leak })).outcome.kind).toBe('pull-request');
    const own = runAndSubmit(`echo 'token=${token} # secretlint-disable-line' >> greeting.txt`);
    const { outcome } = await runIssue(world, {
      files: minimalProject,
      turns: [...own, { expect: told, calls: [submitGreeting] }],
    });
    expect(outcome.kind).toBe('draft');
  });
});
