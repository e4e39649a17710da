import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, minimalProjectWith, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ REPOSITORY_AGENTS: 'allow', REPOSITORY_AGENT_TOOLS: 'Bash' });
});

afterAll(() => world.stop());

const agentFile = (name: string, description: string) =>
  `---\nname: ${name}\ndescription: ${description}\n---\nYou paint. Be brief.\n`;
const painted = {
  ...minimalProject,
  '.claude/agents/painter.md': agentFile('painter', 'paints pages and their colours'),
};
/** By a command, whose words name an agent or none. */
async function command(words: string, files: Record<string, string>) {
  const issue = await world.prepareIssue({ files, turns: solveMinimalProject });
  const settled = await (await world.comment(issue, `/implement ${words}`.trim())).settled();
  return { ...issue, ...settled, comment: world.progress(issue.name, issue.number) };
}

describe('the choice of the agent', () => {
  test("follows the name in the command, also of the repository's own agent if the operator allows it", async () => {
    const { outcome, comment, title } = await command('@painter', painted);
    expect(outcome.kind).toBe('pull-request');
    expect(comment).toContain('agent `painter` (requested by name)');
    const asked = world.model.requests.find(({ body }) => JSON.stringify(body.messages[0]).includes(title));
    expect(JSON.stringify(asked?.body.system)).toContain('You paint. Be brief.');
    const tools = JSON.stringify(asked?.body.tools);
    expect(tools).toContain('"bash"');
    expect(tools).not.toContain('str_replace_based_edit_tool');
  });

  test('names the available agents if the requested one does not exist', async () => {
    const { outcome, comment } = await command('@poet', painted);
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain('There is no agent "poet". Available: `backend-developer`, `painter`.');
  });

  test('falls back to the descriptions, and says so', async () => {
    const { model } = world;
    const { name, number } = await world.prepareIssue({ files: painted, turns: solveMinimalProject });
    model.script({ when: 'Agents:\n- backend-developer', turns: [{ say: 'painter' }] });
    const asked = await world.comment({ name, number }, '/implement');
    const { outcome, id } = await asked.settled();
    const comment = world.progress(name, number);
    expect(outcome.kind).toBe('pull-request');
    expect(comment).toContain('agent `painter` (its description fits best)');
    expect(
      await world.database.query('select model from pullwright.spend where run_id = $1 and turn = 0', [id]),
    ).toEqual([{ model: 'claude-haiku-5-5' }]);
    const { body } = model.requests.find((request) => JSON.stringify(request.body).includes('Agents:')) ?? {};
    expect(body).toMatchObject({ thinking: { type: 'disabled' } });
    expect(body?.max_tokens).toBeGreaterThan(100);
  });

  test('takes the default agent if the model names none or is overloaded, and says so', async () => {
    const { model } = world;
    model.script({ when: 'Agents:\n- backend-developer', turns: [{ say: 'Neither of them.' }] });
    const unnamed = await command('', painted);
    expect(unnamed.outcome.kind).toBe('pull-request');
    expect(unnamed.comment).toContain(
      'agent `backend-developer` (the default, because the model named no agent)',
    );
    model.failNext({ when: 'Agents:\n- backend-developer', status: 529, times: 3 });
    const overloaded = await command('', painted);
    expect(overloaded.outcome.kind).toBe('pull-request');
    expect(overloaded.comment).toContain(
      'agent `backend-developer` (the default, because the model could not be asked: the model is overloaded (529))',
    );
  });

  test("prefers the repository's settings to the descriptions", async () => {
    const { comment } = await command('', {
      ...painted,
      '.github/pullwright.yml': 'agent: backend-developer\n',
    });
    expect(comment).toContain("agent `backend-developer` (chosen by the repository's settings)");
  });
});

describe('work that already exists', () => {
  test("someone else's open pull request ends the run at no cost, and --anyway overrides it", async () => {
    const { github, model } = world;
    const { name, number } = await world.prepareIssue({
      files: minimalProjectWith('agent: backend-developer'),
      turns: solveMinimalProject,
    });
    await github.commitFiles(name, {
      branch: 'bob/fix',
      files: { 'fix.txt': 'x\n' },
      message: 'Try',
      author: 'ada',
    });
    const theirs = await github.openPullRequest(name, {
      title: 'A fix',
      body: `Fixes #${number}`,
      head: 'bob/fix',
      author: 'ada',
    });
    const asked = model.requests.length;
    const first = await (await world.label({ name, number })).settled();
    expect(first.outcome.kind).toBe('refusal');
    expect(world.progress(name, number)).toContain(`#${theirs} by ada is open and closes the issue`);
    expect(world.progress(name, number)).toContain('`/implement --anyway`');
    expect(model.requests).toHaveLength(asked);
    const anyway = await world.comment({ name, number }, '/implement --anyway');
    expect((await anyway.settled()).outcome.kind).toBe('pull-request');
  });

  test('a commit that closes the issue and a foreign branch are named', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: minimalProject,
      before: async ({ name, number }) => {
        const by = { author: 'ada', files: { 'done.txt': 'x\n' } };
        await world.github.commitFiles(name, {
          branch: 'main',
          message: `Fix it\n\nCloses #${number}`,
          ...by,
        });
        await world.github.commitFiles(name, {
          branch: `pullwright/issue-${number}`,
          message: 'Mine',
          ...by,
        });
      },
    });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toMatch(/The branch pullwright\/issue-1 already exists, and I did not create it/);
    expect(comment).toMatch(/commit [0-9a-f]{10} says that it closes the issue/);
  });
});
