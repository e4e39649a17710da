import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { solveTestedProject, testedProject } from '../../support/sample-projects.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

describe('from an issue to a pull request', () => {
  test('a labeled issue becomes one pull request whose evidence was measured', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: testedProject, turns: solveTestedProject });
    const asked = await world.label({ name, number });
    expect(asked.delivery.statusCode).toBe(200);
    const { outcome } = await asked.settled();
    expect(outcome).toEqual({ kind: 'pull-request', number: expect.any(Number), url: expect.any(String) });

    const [pull, ...more] = github.pullRequests(name);
    expect(more).toEqual([]);
    expect(pull).toMatchObject({
      title: 'Greet by name',
      state: 'open',
      pull: { head: `pullwright/issue-${number}`, base: 'main', draft: false },
    });
    const body = pull?.body ?? '';
    expect(body).toContain('greet() takes a name now');
    expect(body).toMatch(/before, on the base commit \| 1 \| 0 \| 0 \| exit code 0/);
    expect(body).toMatch(/after, with the change \| 2 \| 0 \| 0 \| exit code 0/);
    expect(body).toMatch(/\*\*Newly passing\*\* \(1\)\n\n- 1 listed in the proof below/);
    expect(body).toMatch(
      /\*\*These new or changed tests fail without the change and pass with it\*\* \(1\)\n\n- `test\/greet.test.js › greets by name`/,
    );
    expect(body).toMatch(/^\*\*2 tests pass, 1 proven to fail without the change\.\*\*\n\n## What and why\n/);
    expect(body).toContain('- Say good night as well.');
    expect(body).toContain(`Closes #${number}`);
    expect(body).toMatch(/4 turns, [\d,]+ tokens, \$0\.\d\d/);

    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'src/greet.js')).toContain(
      'hello $',
    );
    expect(github.checkRuns(name)).toEqual([
      expect.objectContaining({
        headSha: pull?.pull.headSha,
        status: 'completed',
        conclusion: 'success',
        name: 'Pullwright evidence',
      }),
    ]);
    expect(world.progress(name, number)).toContain(`**Done:** #${pull?.number} is ready for review`);
    expect(github.state.issue(github.state.repository(name), number).labels).toEqual([]);
  });

  test('a command in a comment does the same with its instructions, and gets a reaction', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({
      files: testedProject,
      turns: [{ ...solveTestedProject[0] }, ...solveTestedProject.slice(1)],
      body: null,
    });
    const command = await world.comment({ name, number }, 'Please.\n\n/implement keep the old greeting');
    const { outcome } = await command.settled();
    expect(outcome).toEqual({ kind: 'pull-request', number: expect.any(Number), url: expect.any(String) });
    const asked = world.model.requests.at(-1)?.body.messages[0]?.content;
    expect(JSON.stringify(asked)).toContain('keep the old greeting');
    const [comment] = github.state.issue(github.state.repository(name), number).comments;
    expect(comment?.reactions.map(({ content }) => content)).toEqual(['eyes']);
  });

  test('the same delivery twice makes one run', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: testedProject, turns: solveTestedProject });
    const asked = await world.label({ name, number });
    await github.redeliver(asked.delivery.id);
    await asked.settled();
    await github.redeliver(asked.delivery.id);
    expect(
      await world.database.query('select id from pullwright.runs where repository = $1', [name]),
    ).toHaveLength(1);
    expect(github.pullRequests(name)).toHaveLength(1);
    expect(github.botComments(name, number)).toHaveLength(2);
  });

  test('labeling the issue again updates its one pull request and comment', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: testedProject, turns: solveTestedProject });
    const first = await (await world.label({ name, number })).settled();
    const second = await (await world.label({ name, number })).settled();
    expect(second.id).not.toBe(first.id);
    expect(second.outcome).toEqual(first.outcome);
    expect(github.pullRequests(name)).toHaveLength(1);
    expect(world.progress(name, number)).toContain(second.id);
  });
});
